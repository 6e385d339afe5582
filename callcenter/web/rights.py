"""What each role may do: least rights, one table."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is here for."""

    SEAT = "seat"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """One thing that a route lets people do. Which calls and seats it is about, handlers check."""

    SELF = "self"  # what everybody who is logged in may do with his own account
    DESK_USE = "desk.use"
    PHONE_USE = "phone.use"  # the telephone that belongs to one's account
    LIVE_SEE = "live.see"
    SEATS_ACT = "seats.act"
    CALLS_SUPERVISE = "calls.supervise"
    CALLS_OWN = "calls.own"  # see those that oneself talked in
    CALLS_SEE = "calls.see"
    CALLS_HEAR = "calls.hear"
    CALLS_REVEAL = "calls.reveal"  # whole numbers, with a reason
    RECORDS_WRITE = "records.write"
    KPI_SEE = "kpi.see"
    FLOWS_SEE = "flows.see"
    FLOWS_EDIT = "flows.edit"
    FLOWS_REVIEW = "flows.review"
    FLOWS_PUBLISH = "flows.publish"
    PROVINCE_SEE = "province.see"  # seats, shifts, groups, calendars, prompts
    PROVINCE_EDIT = "province.edit"
    LINES_SEE = "lines.see"  # lines outside, services, supervisors' telephones
    NOTICES_SEE = "notices.see"
    NOTICES_SET = "notices.set"
    SYSTEM_SEE = "system.see"  # trunks, nodes and what they need
    BLACKLIST_SEE = "blacklist.see"
    BLACKLIST_PROPOSE = "blacklist.propose"
    BLACKLIST_APPROVE = "blacklist.approve"
    USERS_SEE = "users.see"
    USERS_EDIT = "users.edit"
    AUDIT_SEE = "audit.see"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.SEAT: frozenset(
        {
            *(Right.SELF, Right.DESK_USE, Right.PHONE_USE, Right.CALLS_OWN, Right.RECORDS_WRITE),
            Right.BLACKLIST_PROPOSE,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            *(Right.SELF, Right.LIVE_SEE, Right.SEATS_ACT, Right.CALLS_SUPERVISE, Right.KPI_SEE),
            *(Right.CALLS_OWN, Right.CALLS_SEE, Right.CALLS_HEAR, Right.CALLS_REVEAL),
            *(Right.FLOWS_SEE, Right.PHONE_USE),
            *(Right.FLOWS_REVIEW, Right.PROVINCE_SEE, Right.BLACKLIST_SEE),
            *(Right.BLACKLIST_PROPOSE, Right.BLACKLIST_APPROVE),
            *(Right.NOTICES_SEE, Right.NOTICES_SET, Right.LINES_SEE, Right.SYSTEM_SEE),
        }
    ),
    Role.QUALITY: frozenset(
        {Right.SELF, Right.CALLS_OWN, Right.CALLS_SEE, Right.CALLS_HEAR, Right.KPI_SEE}
    ),
    Role.ADMIN: frozenset(
        {
            *(Right.SELF, Right.FLOWS_SEE, Right.FLOWS_EDIT, Right.FLOWS_REVIEW),
            *(Right.FLOWS_PUBLISH, Right.PROVINCE_SEE, Right.PROVINCE_EDIT),
            *(Right.BLACKLIST_SEE, Right.USERS_SEE, Right.USERS_EDIT),
            *(Right.NOTICES_SEE, Right.NOTICES_SET, Right.LINES_SEE, Right.SYSTEM_SEE),
        }
    ),
    Role.AUDITOR: frozenset(
        {
            *(Right.SELF, Right.AUDIT_SEE, Right.USERS_SEE, Right.KPI_SEE),
            *(Right.NOTICES_SEE, Right.LINES_SEE, Right.SYSTEM_SEE),
        }
    ),
}
