"""Facts on a real PostgreSQL: the contract of every database, and restarts under the drainer."""

import asyncio

import pytest

from reports.drain import Drainer
from reports.queries import find
from reports.rebuild import count_calls
from reports.schema import upgrade
from reports.spool import Spool
from reports.store import DatabaseAway, Store, is_refusal
from tests.reports.audit_contract import AuditContract
from tests.reports.made import answered, likely, until
from tests.reports.private_postgres import private_postgres
from tests.reports.records_contract import RecordsContract
from tests.reports.search_contract import SearchContract
from tests.reports.store_contract import StoreContract
from tests.reports.test_store import runner

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def server():
    with private_postgres() as server:
        yield server


@pytest.fixture
def address(server):
    return server.new_database()


class TestPostgres(StoreContract):
    @pytest.fixture
    def store_runner(self, address):
        return runner(address)


class TestPostgresRecords(RecordsContract):
    """Records are kept there too."""


class TestPostgresAudit(AuditContract):
    """The audit trail is one chain there too."""


class TestPostgresSearch(SearchContract):
    """Calls are found again there too."""


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_a_restart_of_the_server_loses_no_fact(server, address, tmp_path, kill):
    made = likely(4, 300)
    async with Store(address) as store:
        await upgrade(store)
        with Spool(tmp_path) as spool:
            drainer = Drainer(tmp_path, store, spool=spool, every_s=0.02)
            task = asyncio.create_task(drainer.run())
            for n, each in enumerate(made):
                spool.append(each.to_json())
                await asyncio.sleep(0.001)
                if n == 100:
                    await asyncio.to_thread(server.stop, kill=kill)
                if n == 200:
                    await until(lambda: not drainer.is_up)
                    await asyncio.to_thread(server.start)
            await until(lambda: not drainer.behind_bytes())
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert drainer.counts.failures > 0
        assert drainer.counts.refused == 0
        assert await count_calls(store) == 300
        assert await find(store, made[150].call_id) == made[150]


async def test_a_value_that_the_server_refuses_is_told_from_a_server_that_is_away(address):
    async with Store(address) as store:
        with pytest.raises(DatabaseAway, match='relation "[a-z_]+" does not exist'):
            await store.upsert([answered()])
        await upgrade(store)
        with pytest.raises(Exception) as caught:
            await store.upsert([answered().model_copy(update={"caller": "a\0b"})])
        assert is_refusal(caught.value)


async def test_a_poison_record_does_not_hold_up_the_rest_of_its_batch(address, tmp_path):
    async with Store(address) as store:
        await upgrade(store)
        with Spool(tmp_path) as spool:
            spool.append(answered("good-1").to_json())
            # JSON that we can read and PostgreSQL cannot hold: deeper than its stack
            deep = "[" * 6000 + "]" * 6000
            spool.append(answered("bad").to_json()[:-1] + f',"deep":{deep}}}'.encode())
            spool.append(answered("good-2").to_json())
        drainer = Drainer(tmp_path, store)
        await drainer.drain()
        assert (drainer.counts.drained, drainer.counts.refused) == (2, 1)
        assert await count_calls(store) == 2
        assert (tmp_path / "refused.jsonl").exists()
