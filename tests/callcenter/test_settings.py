from pathlib import Path

import pytest

from callcenter.address import Address
from callcenter.settings import DEMO_PROVINCE, Settings, SettingsFault, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "CACHE", "WEB", "SIP", "AGI", "AMI", "WS", "DEMO", "DEMO_CALLERS"):
        monkeypatch.delenv(f"HOTLINE_{name}", raising=False)
    for name in ("DATABASE_URL", "REDIS_URL", "HOTLINE_PROVINCE", "HOTLINE_RING_S"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_are_those_of_the_contract(empty_folder: Path) -> None:
    settings = load_settings()
    assert settings.home == empty_folder / ".runtime"
    assert settings.cache == Path("~/.cache/hotline").expanduser()
    assert str(settings.web) == "127.0.0.1:8348"
    assert str(settings.sip) == "127.0.0.1:5060"
    assert str(settings.agi) == "127.0.0.1:4573"
    assert str(settings.ami) == "127.0.0.1:5038"
    assert str(settings.ws) == "127.0.0.1:5088"
    assert settings.database_url == f"sqlite+aiosqlite:///{empty_folder}/.runtime/hotline.db"
    assert settings.redis_url == f"unix://{empty_folder}/.runtime/redis.sock"
    assert settings.redis_is_private
    assert not settings.demo
    assert settings.demo_callers == 1
    assert (settings.ring_s, settings.wrap_up_s) == (15, 10)


def test_the_demo_province_is_that_of_the_home_once_it_was_changed(empty_folder: Path) -> None:
    settings = load_settings()
    assert settings.province == DEMO_PROVINCE
    own = empty_folder / ".runtime" / "province"
    own.mkdir(parents=True)
    (own / "seats.yaml").write_text("groups: []\n")
    assert settings.province == own
    given = Settings.model_validate({"province": empty_folder / "elsewhere"})
    assert given.province == empty_folder / "elsewhere"


def test_environment_wins_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "hotline.toml").write_text(
        'HOTLINE_WEB = "0.0.0.0:80"\nHOTLINE_RING_S = 20\nHOTLINE_DEMO = true\n'
    )
    monkeypatch.setenv("HOTLINE_WEB", "[::1]:8080")
    settings = load_settings()
    assert settings.web == Address("::1", 8080)
    assert str(settings.web) == "[::1]:8080"
    assert settings.ring_s == 20
    assert settings.demo


def test_all_faults_are_told_at_once_by_the_settings_name(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "hotline.toml").write_text('HOTLINE_WEBB = "127.0.0.1:1"\n')
    monkeypatch.setenv("HOTLINE_SIP", "127.0.0.1:seven")
    monkeypatch.setenv("HOTLINE_AMI", "127.0.0.1:70000")
    monkeypatch.setenv("HOTLINE_RING_S", "-1")
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    monkeypatch.setenv("REDIS_URL", "http://x")
    monkeypatch.setenv("HOTLINE_DEMO", "perhaps")
    with pytest.raises(SettingsFault) as told:
        load_settings()
    named = {line.split(":")[0] for line in told.value.faults}
    assert named == {
        "HOTLINE_WEBB",
        "HOTLINE_SIP",
        "HOTLINE_AMI",
        "HOTLINE_RING_S",
        "DATABASE_URL",
        "REDIS_URL",
        "HOTLINE_DEMO",
    }
    assert all("\n" not in line for line in told.value.faults)


@pytest.mark.parametrize("text", ["", "5060", "host:", ":5060", "::1:5060", "a b:1", "h:0", "h:٣"])
def test_what_is_no_address_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (Path.cwd() / "hotline.toml").write_text(f'HOTLINE_SIP = "{text}"\n')
    with pytest.raises(SettingsFault, match=r"^HOTLINE_SIP: "):
        load_settings()


def test_a_broken_file_is_one_line(empty_folder: Path) -> None:
    (empty_folder / "hotline.toml").write_text("HOTLINE_WEB = \n")
    with pytest.raises(SettingsFault, match=r"^hotline.toml: .*line 1"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://h/d", "postgresql+asyncpg://h/d"),
        ("postgres://h/d", "postgresql+asyncpg://h/d"),
        ("sqlite:////srv/h.db", "sqlite+aiosqlite:////srv/h.db"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_a_database_url_gets_its_asyncio_driver(
    given: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert load_settings().database_url == used


def test_a_shared_redis_is_not_ours_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/3")
    assert not load_settings().redis_is_private


def test_a_home_too_long_for_a_socket_is_refused_unless_redis_is_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOTLINE_HOME", "/srv/" + "x" * 120)
    with pytest.raises(SettingsFault, match="HOTLINE_HOME: .* too long"):
        load_settings()
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1")
    assert load_settings().home.name == "x" * 120


def test_settings_can_be_made_by_field_name(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, ami=Address("127.0.0.9", 6000), demo=True)
    assert settings.ws == Address("127.0.0.9", 6050)
    assert settings.database_url.endswith(f"{tmp_path}/hotline.db")


def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_TRUSTED_PROXIES", "127.0.0.1, 10.1.0.0/16,::1")
    told = [str(one) for one in load_settings().trusted_proxies]
    assert told == ["127.0.0.1/32", "10.1.0.0/16", "::1/128"]
    monkeypatch.setenv("HOTLINE_TRUSTED_PROXIES", "10.1.0.0/33")
    with pytest.raises(SettingsFault, match="HOTLINE_TRUSTED_PROXIES"):
        load_settings()
