"""A contract proposed for a file is one the node accepts, and its rows balance."""

from __future__ import annotations

from pathlib import Path

import pytest

from jingwei.catalog.contracts import Contract
from jingwei.collection import service as collecting
from jingwei.collection.understanding import service, writing
from jingwei.packs.service import installed

pytestmark = pytest.mark.django_db

REAL = (
    "tables/renjiyi_分省年度数据.csv",
    "tables/renjiyi_分省年度数据 (6).csv",
    "tables/renjiyi_一般公共预算等.xls",
    "tables/renjiyi_分省年度数据_整合.csv",
    "tables/us-crime-2.xlsx",
    "tables/abs_7218001.xls",
    "tables/frictionless/issue-1024.xlsx",
    "tables/frictionless/encoding-issue-274.csv",
    "messages/附件1.xlsx",
    "messages/附件2.xlsx",
    "firms/company_list_2020-10.csv",
    "firms/listed_company_accounts_gbk.csv",
    "firms/上市公司基本信息.xlsx",
    "codes/gb2260_200712.tsv",
    "places/streets.csv",
    "events/pingshan_civic_events_2018_to_october_gbk.csv",
)


@pytest.mark.parametrize("name", REAL)
def test_what_is_inferred_from_a_real_file_is_collected_as_it_is(shared: Path, pack, name: str):
    proposals = service.infer(str(shared / name), "trial.table")
    files = {f"contracts/{one.id}.yaml": writing.contract_yaml(one) for one in proposals}
    pack("trial", files)
    for proposal in proposals:
        contract: Contract = installed().section("contracts")[proposal.id]
        run = collecting.collect(proposal.id, str(shared / name))
        assert run.balances
        assert run.read == proposal.table.rows * (
            len(proposal.table.wide.columns) if proposal.table.wide else 1
        )
        assert run.accepted + run.repeated >= 0.97 * run.read, run.reasons
        assert len(contract.fields) == len(proposal.fields)
