"""The settings of one hotline: environment first, then `hotline.toml`, then defaults."""

import hashlib
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from callcenter.accounts.account import Rules
from callcenter.address import Address, parse_address
from callcenter.ice import IcePlan, IceServer, parse_servers
from callcenter.web.addresses import Network
from callcenter.web.rights import Role

CONFIG_FILE = "hotline.toml"
DEMO_PROVINCE = Path(__file__).parent / "demo" / "province"
SOCKET_PATH_MAX = 107  # bytes; sockaddr_un.sun_path, unix(7)
FOLLOWS_A_FAULTY_ONE = "default_factory_not_called"  # pydantic: a default that needs another field
ASYNC_DRIVERS = {
    "sqlite:": "sqlite+aiosqlite:",
    "postgresql:": "postgresql+asyncpg:",
    "postgres:": "postgresql+asyncpg:",
}


class SettingsFault(Exception):
    """Settings cannot be used; `faults` holds one line for each, with the setting's name."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def with_async_driver(value: object) -> object:
    """Name the asyncio driver in a database URL that names none."""
    if not isinstance(value, str):
        return value
    for plain, named in ASYNC_DRIVERS.items():
        if value.startswith(plain):
            return named + value.removeprefix(plain)
    if value.startswith(tuple(ASYNC_DRIVERS.values())):
        return value
    raise ValueError("neither sqlite:///… nor postgresql://…")


def absolute(value: object) -> object:
    """Make a path absolute against the current folder, `~` meant as home."""
    if isinstance(value, str | Path):
        return Path(value).expanduser().absolute()
    return value


def beside_ami(earlier: dict[str, Any]) -> Address:
    """Asterisk's HTTP server where nothing else is set: the AMI port + 50."""
    ami: Address = earlier["ami"]
    return Address(ami.host, ami.port + 50 if ami.port <= 65485 else ami.port - 50)


def unless_demo(limit: int) -> Callable[[dict[str, Any]], int]:
    """A limit that the demo lacks: there one telephone may play the whole province."""
    return lambda earlier: 0 if earlier["demo"] else limit


def sqlite_in_home(earlier: dict[str, Any]) -> str:
    """The database of a hotline on one machine."""
    return f"sqlite+aiosqlite:///{earlier['home']}/hotline.db"


def redis_in_home(earlier: dict[str, Any]) -> str:
    """The private Redis of a hotline on one machine: a Unix socket, no port to clash."""
    return f"unix://{earlier['home']}/redis.sock"


def a_redis_url(value: str) -> str:
    """Refuse what the Redis client would refuse later."""
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("none of redis://…, rediss://…, unix://…")
    return value


def by_commas(value: object) -> object:
    """Read `supervisor,admin`; other types pass through to pydantic."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def staff_unless_demo(earlier: dict[str, Any]) -> frozenset[Role]:
    """Everybody but the seats; in the demo nobody."""
    return frozenset() if earlier["demo"] else frozenset(Role) - {Role.SEAT}


AddressSetting = Annotated[Address, BeforeValidator(parse_address)]
PathSetting = Annotated[Path, BeforeValidator(absolute)]
DatabaseUrl = Annotated[str, BeforeValidator(with_async_driver)]
RolesSetting = Annotated[frozenset[Role], BeforeValidator(by_commas)]
NetworksSetting = Annotated[tuple[Network, ...], BeforeValidator(by_commas)]
IceSetting = Annotated[tuple[IceServer, ...], BeforeValidator(parse_servers)]
RedisUrl = Annotated[str, AfterValidator(a_redis_url)]


class Settings(BaseModel):
    """All settings; aliases are the names operators use in environment and `hotline.toml`."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        validate_default=True,
    )

    home: PathSetting = Field(Path(".runtime"), alias="HOTLINE_HOME")
    """What belongs to this hotline: database, recordings, rendered files, logs."""
    cache: PathSetting = Field(Path("~/.cache/hotline"), alias="HOTLINE_CACHE")
    """What can be had again: the Asterisk tree, speech models."""

    web: AddressSetting = Field(Address("127.0.0.1", 8348), alias="HOTLINE_WEB")
    sip: AddressSetting = Field(Address("127.0.0.1", 5060), alias="HOTLINE_SIP")
    agi: AddressSetting = Field(Address("127.0.0.1", 4573), alias="HOTLINE_AGI")
    ami: AddressSetting = Field(Address("127.0.0.1", 5038), alias="HOTLINE_AMI")
    ws: AddressSetting = Field(default_factory=beside_ami, alias="HOTLINE_WS")
    """Asterisk's own HTTP server (SIP over WebSocket); 50 above the AMI port unless set."""

    node: str = Field("main", alias="HOTLINE_NODE", pattern=r"^[A-Za-z][0-9A-Za-z_-]{0,30}$")
    """This machine's name among the nodes of nodes.yaml; calls' ids begin with it."""
    cluster: str = Field("", alias="HOTLINE_CLUSTER", pattern=r"^[0-9A-Za-z_-]{0,40}$")
    """What all nodes of one hotline call it in Redis; empty: this home alone."""

    database_url: DatabaseUrl = Field(default_factory=sqlite_in_home, alias="DATABASE_URL")
    redis_url: RedisUrl = Field(default_factory=redis_in_home, alias="REDIS_URL")

    demo: bool = Field(False, alias="HOTLINE_DEMO")
    demo_callers: float = Field(1.0, ge=0, le=600, alias="HOTLINE_DEMO_CALLERS")
    """Simulated citizens a minute."""

    number_a_minute: int = Field(
        default_factory=unless_demo(30), ge=0, le=10_000, alias="HOTLINE_NUMBER_A_MINUTE"
    )
    """Calls a minute that one number may bring; 0, as in the demo: no limit."""
    number_at_once: int = Field(
        default_factory=unless_demo(20), ge=0, le=10_000, alias="HOTLINE_NUMBER_AT_ONCE"
    )
    trunk_a_minute: int = Field(0, ge=0, le=100_000, alias="HOTLINE_TRUNK_A_MINUTE")
    trunk_at_once: int = Field(0, ge=0, le=100_000, alias="HOTLINE_TRUNK_AT_ONCE")
    trunk_probe_s: int = Field(15, ge=0, le=3600, alias="HOTLINE_TRUNK_PROBE_S")
    """How often the other end of each trunk is asked whether it is there; 0: never."""
    blocked_at_once: int = Field(20, ge=1, le=1000, alias="HOTLINE_BLOCKED_AT_ONCE")
    """Announcements to refused callers that may be played at a time."""

    province_given: PathSetting = Field(
        DEMO_PROVINCE,
        alias="HOTLINE_PROVINCE",
        validation_alias=AliasChoices("HOTLINE_PROVINCE", "province"),
    )
    """What is set; `province` is what holds."""

    second_factor: RolesSetting = Field(
        default_factory=staff_unless_demo, alias="HOTLINE_SECOND_FACTOR"
    )
    """Roles that must show a code besides the password, separated by commas."""
    lock_after: int = Field(5, ge=2, le=100, alias="HOTLINE_LOCK_AFTER")
    """Wrong passwords or codes in a row that lock an account for HOTLINE_LOCK_S."""
    lock_s: int = Field(900, ge=1, le=86_400, alias="HOTLINE_LOCK_S")
    session_s: int = Field(43_200, ge=1, le=604_800, alias="HOTLINE_SESSION_S")
    """A log-in ends after so long, whatever happens."""
    idle_s: int = Field(1800, ge=1, le=86_400, alias="HOTLINE_IDLE_S")
    """A log-in ends when nobody has touched anything for so long."""
    password_days: int = Field(
        default_factory=unless_demo(90), ge=0, le=3650, alias="HOTLINE_PASSWORD_DAYS"
    )
    """After so long a password must be changed; 0: never."""
    trusted_proxies: NetworksSetting = Field((), alias="HOTLINE_TRUSTED_PROXIES")
    """Proxies in front of the pages: their word is taken for https and for who asks."""

    ice: IceSetting = Field((), alias="HOTLINE_ICE", repr=False)
    """STUN and TURN servers for browsers that do not reach Asterisk directly."""
    ice_secret: SecretStr = Field(SecretStr(""), alias="HOTLINE_ICE_SECRET")
    """Shared with the TURN servers: names and passwords are made from it for HOTLINE_SESSION_S."""
    ice_relay: bool = Field(False, alias="HOTLINE_ICE_RELAY")

    whisper_model: str = Field("", alias="HOTLINE_WHISPER_MODEL")
    """A model's name or folder; empty: chosen as the folder `stt` says."""
    ring_s: int = Field(15, ge=3, le=120, alias="HOTLINE_RING_S")
    """How long a seat rings before the caller goes back to the head of the line."""
    realtime: bool = Field(True, alias="HOTLINE_REALTIME")
    """Steer calls before all ordinary threads of the machine, where the system allows it."""
    wrap_up_s: int = Field(10, ge=0, le=3600, alias="HOTLINE_WRAP_UP_S")
    """After a talk a seat gets no call for so long."""
    filing_s: int = Field(0, ge=0, le=14_400, alias="HOTLINE_FILING_S")
    """Above 0: after a talk a seat gets no call until its record is filed, or for so long."""

    @property
    def province(self) -> Path:
        """Folder with seats.yaml, trunks.yaml and calendar.yaml.

        The demo province belongs to the program and is never written to: once a person has changed
        it, HOME/province stands in its place.
        """
        own = self.home / "province"
        is_own = self.province_given == DEMO_PROVINCE and (own / "seats.yaml").is_file()
        return own if is_own else self.province_given

    @property
    def redis_socket(self) -> Path:
        """Where this hotline's own Redis listens."""
        return self.home / "redis.sock"

    @property
    def log_in_rules(self) -> Rules:
        """What is demanded of passwords and log-ins."""
        return Rules(
            lock_after=self.lock_after,
            lock_s=self.lock_s,
            password_days=self.password_days,
            session_s=self.session_s,
            idle_s=self.idle_s,
            second_factor=self.second_factor,
        )

    @property
    def ice_plan(self) -> IcePlan:
        """How browsers find their way to Asterisk."""
        return IcePlan(
            servers=self.ice,
            secret=self.ice_secret.get_secret_value(),
            is_relayed=self.ice_relay,
            lasts_s=self.session_s,
        )

    @property
    def namespace(self) -> str:
        """Of our keys in Redis. Two homes on one Redis must not meet, and both may be called
        .runtime; nodes of one hotline must.
        """
        home = hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()
        return self.cluster or home[:16]

    @property
    def redis_is_private(self) -> bool:
        """No REDIS_URL is set: this hotline runs its own Redis in `home`."""
        return self.redis_url == redis_in_home({"home": self.home})

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        length = len(os.fsencode(self.redis_socket))
        if self.redis_is_private and length > SOCKET_PATH_MAX:
            raise ValueError(
                f"HOTLINE_HOME: {self.home} is {length - SOCKET_PATH_MAX} bytes too long"
                " for the Unix socket inside it; choose a shorter folder"
            )
        if fault := self.ice_plan.fault():
            raise ValueError(fault)
        return self


def load_settings() -> Settings:
    """Read the settings; raises SettingsFault with every fault at once."""
    try:
        given = tomllib.loads(Path(CONFIG_FILE).read_text("utf-8"))
    except FileNotFoundError:
        given = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as unreadable:
        raise SettingsFault((f"{CONFIG_FILE}: {unreadable}",)) from None
    for field in Settings.model_fields.values():
        if field.alias and (value := os.environ.get(field.alias)):
            given[field.alias] = value
    try:
        return Settings.model_validate(given, by_alias=True, by_name=False)
    except ValidationError as invalid:
        faults = (e for e in invalid.errors() if e["type"] != FOLLOWS_A_FAULTY_ONE)
        raise SettingsFault(tuple(_fault_line(error) for error in faults)) from None


def _fault_line(error: ErrorDetails) -> str:
    name = ".".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"no such setting (in {CONFIG_FILE})"
    return f"{name}: {message}" if name else message
