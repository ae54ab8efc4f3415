"""A shopping cart with a bug in it, for the demonstration: see test_checkout.py."""

from decimal import ROUND_DOWN, Decimal

CENT = Decimal("0.01")


class Cart:
    """Positions and a discount in percent."""

    def __init__(self, discount_percent=0):
        self.discount_percent = Decimal(discount_percent)
        self.positions = []

    def add(self, price, quantity=1):
        """Add a position; `price` is text such as "19.99"."""
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        self.positions.append((Decimal(price), quantity))

    def total(self):
        """Return what has to be paid, in whole cents."""
        total = sum((price * quantity for price, quantity in self.positions), Decimal(0))
        discounted = total * (100 - self.discount_percent) / 100
        return discounted.quantize(CENT, rounding=ROUND_DOWN)  # the bug: half a cent is lost
