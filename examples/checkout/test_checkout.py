"""Tests of the cart; one of them fails on purpose, which is what `vantage-jira demo` reports."""

from decimal import Decimal

import pytest
from cart import Cart


def test_an_empty_cart_costs_nothing():
    assert Cart().total() == Decimal("0.00")


def test_quantities_are_multiplied():
    cart = Cart()
    cart.add("19.99", quantity=3)
    assert cart.total() == Decimal("59.97")


def test_a_discount_is_rounded_to_the_nearest_cent():
    cart = Cart(discount_percent=15)
    cart.add("19.95")
    cart.add("9.95")
    assert cart.total() == Decimal("25.42")


def test_a_quantity_below_one_is_refused():
    with pytest.raises(ValueError):
        Cart().add("1.00", quantity=0)
