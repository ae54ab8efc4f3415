"""The settings of one connection: checked into a frozen value. No I/O, no environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError

from .auth.record import CredentialRecord, parse_expiry
from .errors import SettingsError
from .schemas import Checked, Flag, Number, Text, TextList, WholeNumber, load

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Settings", "SettingsSchema", "load_settings"]

#: Longest access token accepted; Atlassian warns that they grow.
_MAX_TOKEN_LENGTH = 16_384
#: Longest name or id.
_MAX_NAME_LENGTH = 255
#: Longest path or URL of a folder. Source: PATH_MAX of Linux.
_MAX_FOLDER_LENGTH = 4096
#: Requests under way at once. Source: Atlassian advises 5 to 10.
#: https://developer.atlassian.com/platform/forge/rate-limiting-and-cost/ (2026)
DEFAULT_MAX_IN_FLIGHT = 8
_MAX_IN_FLIGHT = 64
#: The longest wait that `retryAfter` may set.
_MAX_RETRY_AFTER_SECONDS = 3600
#: More points than any tenant or app has in an hour. Source: the rate limiting page, cap of Tier 2: 500,000.
_MAX_POINTS = 10_000_000
#: What background work may spend of `pointsPerHour` where the settings say nothing.
DEFAULT_BACKGROUND_SHARE = 0.8
#: A project key: letter first, then letters, digits, underscores.
#: Source: https://support.atlassian.com/jira-cloud-administration/docs/what-are-project-key-requirements/
PROJECT_KEY_PATTERN = r"[A-Z][A-Z0-9_]{0,254}"
PROJECT_KEY_RIGHT = "a project key such as DEV: a letter, then letters, digits or underscores"


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings; the credential record that they seed stays out of every repr."""

    service_id: str
    client_id: str
    credential_id: str
    #: Used where nothing is stored under the credential id.
    seed: CredentialRecord = field(repr=False)
    retry_after_seconds: float | None = None
    max_in_flight: int = DEFAULT_MAX_IN_FLIGHT
    site_url: str | None = None
    site_name: str | None = None
    service_account: bool = False
    read_only: bool = False
    allowed_projects: frozenset[str] | None = None
    points_per_hour: int | None = None
    points_per_run: int | None = None
    background_share: float = DEFAULT_BACKGROUND_SHARE
    #: A folder or URL that holds all targets of exports.
    export_folder: str | None = None


class _Expiry(Checked[float | None]):
    """A moment: ISO 8601 text or epoch milliseconds; epoch seconds inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> float | None:
        del attr, data
        try:
            return parse_expiry(value)
        except ValueError:
            raise ValidationError("must be ISO 8601 text or epoch milliseconds") from None

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        return {"type": ["string", "integer"], "format": "date-time"}


class _SiteUrl(Text):
    """The address of a Jira site, with or without scheme and path."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = super()._deserialize(value, attr, data)
        try:
            parts = urlsplit(text if "//" in text else f"https://{text}")
        except ValueError:  # brackets that are no IPv6 address, characters that no host has
            parts = urlsplit("")
        if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc:
            raise ValidationError("must be the address of a Jira site, such as https://acme.atlassian.net")
        return text


class _Record(Checked[Any]):
    """A credential record as an object, or its sealed form as text."""

    _NAMES = ("accessToken", "refreshToken", "cloudId")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        del attr, data
        if isinstance(value, str):
            if not value.strip():
                raise ValidationError("must not be empty")
            return value
        if not isinstance(value, Mapping):
            raise ValidationError(
                "must be an object {accessToken, refreshToken, cloudId, tokenExpiry} or a sealed text"
            )
        problems = [
            f"{name} must be text or null" for name in self._NAMES if not isinstance(value.get(name), (str, type(None)))
        ]
        try:
            parse_expiry(value.get("tokenExpiry"))
        except ValueError:
            problems.append("tokenExpiry must be ISO 8601 text, epoch milliseconds or null")
        if problems:
            raise ValidationError(problems)
        return value

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        nullable = {"type": ["string", "null"]}
        names = dict.fromkeys(self._NAMES, nullable) | {"tokenExpiry": {"type": ["string", "integer", "null"]}}
        return {"type": ["object", "string"], "properties": names}


def _about(description: str) -> dict[str, Any]:
    return {"description": description}


class SettingsSchema(Schema):
    """The eight settings of the host's product, then ours."""

    encrypted_record = _Record(
        required=True,
        data_key="encryptedRecord",
        error_messages={
            "required": "is missing",
            "null": "must not be null; before the first consent its values are",
        },
        metadata=_about(
            "Credential record {accessToken, refreshToken, cloudId, tokenExpiry}, or its sealed form. It seeds the "
            "stored record; before the first consent its values are null."
        ),
    )
    service_id = Text(
        required=True,
        max_length=_MAX_NAME_LENGTH,
        data_key="serviceId",
        metadata=_about("This instance of the integration in Vantage."),
    )
    client_id = Text(
        required=True,
        max_length=_MAX_NAME_LENGTH,
        data_key="clientId",
        metadata=_about("OAuth 2.0 client id of the app in Atlassian's developer console; not the company."),
    )
    credential_id = Text(
        required=True,
        max_length=_MAX_NAME_LENGTH,
        data_key="credentialId",
        metadata=_about("Key of the stored credential record."),
    )
    access_token = Text(
        max_length=_MAX_TOKEN_LENGTH,
        pattern=r"\S+",
        right="one word without spaces",
        data_key="accessToken",
        metadata=_about("Current access token; set by authentication."),
    )
    token_expiry = _Expiry(
        load_default=None,
        allow_none=False,
        data_key="tokenExpiry",
        metadata=_about("When the access token expires: ISO 8601 or epoch milliseconds."),
    )
    cloud_id = Text(
        max_length=64,
        pattern=r"[A-Za-z0-9-]+",
        right="a cloud id: letters, digits and hyphens",
        data_key="cloudId",
        metadata=_about("The Jira site by id; resolved from accessible-resources where it is null."),
    )
    retry_after = Number(
        minimum=0,
        maximum=_MAX_RETRY_AFTER_SECONDS,
        allow_none=False,
        data_key="retryAfter",
        metadata=_about("Seconds to wait after a 429 that names no time of its own; null: doubling from 2 s to 30 s."),
    )
    max_in_flight = WholeNumber(
        minimum=1,
        maximum=_MAX_IN_FLIGHT,
        load_default=DEFAULT_MAX_IN_FLIGHT,
        data_key="maxInFlight",
        metadata=_about("Requests of this connection that may be under way at once; Atlassian advises 5 to 10."),
    )
    site_url = _SiteUrl(
        max_length=_MAX_NAME_LENGTH,
        data_key="siteUrl",
        metadata=_about("The Jira site by address, for logins that reach several."),
    )
    site_name = Text(
        max_length=_MAX_NAME_LENGTH,
        data_key="siteName",
        metadata=_about("The Jira site by name, for logins that reach several."),
    )
    service_account = Flag(
        data_key="serviceAccount",
        metadata=_about("Log in as a service account with the app's own id and secret; nobody consents."),
    )
    read_only = Flag(data_key="readOnly", metadata=_about("Refuse every action that writes."))
    allowed_projects = TextList(
        Text(max_length=_MAX_NAME_LENGTH, pattern=PROJECT_KEY_PATTERN, right=PROJECT_KEY_RIGHT, upper=True),
        max_items=500,
        commas=True,
        data_key="allowedProjects",
        metadata=_about("Keys of the only projects that actions may touch; null: all that the account may."),
    )
    points_per_hour = WholeNumber(
        minimum=1,
        maximum=_MAX_POINTS,
        data_key="pointsPerHour",
        metadata=_about("Points that this app may spend at this site in one UTC clock hour; null: Atlassian's quota."),
    )
    points_per_run = WholeNumber(
        minimum=1,
        maximum=_MAX_POINTS,
        data_key="pointsPerRun",
        metadata=_about("Points that one run of a workflow may spend; null: no limit of its own."),
    )
    background_share = Number(
        minimum=0,
        maximum=1,
        load_default=DEFAULT_BACKGROUND_SHARE,
        data_key="backgroundShare",
        metadata=_about("Share of pointsPerHour from which background work is refused; the rest is kept for people."),
    )
    export_folder = Text(
        max_length=_MAX_FOLDER_LENGTH,
        pattern=r"/.*|[A-Za-z][A-Za-z0-9+.-]*://.+",
        right="an absolute path, or a URL such as s3://bucket/exports",
        data_key="exportFolder",
        metadata=_about("Folder or URL in which exports may write, and nowhere else; null: wherever this host may."),
    )


def load_settings(raw: object, open_record: Callable[[str], Mapping[str, object]]) -> Settings:
    """Check raw settings.

    Args:
        raw: the settings by their names, as the host keeps them.
        open_record: opens a sealed record; raises ValueError where it cannot.

    Raises:
        SettingsError: `errors` names every bad field at once; it holds no value of theirs.
    """
    if not isinstance(raw, Mapping):
        raise _settings_error({"settings": ["must be an object"]})
    values, errors = load(SettingsSchema, raw)
    if errors:
        raise _settings_error(errors)
    seed = _seed(values["encrypted_record"], open_record)
    if seed is None:
        raise _settings_error(
            {"encryptedRecord": ["cannot be opened: it was sealed by another host, altered, or is no record"]}
        )
    own = {
        "access_token": values["access_token"],
        "expires_at": values["token_expiry"],
        "cloud_id": values["cloud_id"],
    }
    allowed = values["allowed_projects"]
    return Settings(
        service_id=values["service_id"],
        client_id=values["client_id"],
        credential_id=values["credential_id"],
        seed=replace(seed, **{name: value for name, value in own.items() if value is not None}),
        retry_after_seconds=values["retry_after"],
        max_in_flight=values["max_in_flight"],
        site_url=values["site_url"],
        site_name=values["site_name"],
        service_account=values["service_account"],
        read_only=values["read_only"],
        allowed_projects=None if allowed is None else frozenset(allowed),
        points_per_hour=values["points_per_hour"],
        points_per_run=values["points_per_run"],
        background_share=values["background_share"],
        export_folder=values["export_folder"],
    )


def _seed(record: Any, open_record: Callable[[str], Mapping[str, object]]) -> CredentialRecord | None:
    """Return the record, opened where it is sealed; None where it is not to be had.

    It raises nothing: an exception raised while another is handled keeps that one as its context,
    also with `from None`, and the host's may quote the record.
    """
    try:
        opened = open_record(record) if isinstance(record, str) else record
        return CredentialRecord.from_json(opened) if isinstance(opened, Mapping) else None
    except ValueError:
        return None


def _settings_error(errors: Mapping[str, list[str]]) -> SettingsError:
    text = "; ".join(f"{name} {', '.join(texts)}" for name, texts in errors.items())
    return SettingsError(f"the settings are not usable: {text}", errors=errors)
