"""Every route of the application, joined from its topics."""

from callcenter.web import (
    audit,
    blacklist_admin,
    calendar_admin,
    desk,
    events,
    flows,
    kpi,
    live,
    pop,
    records,
    requests,
    seats_admin,
    sessions,
    sip_proxy,
    status,
    talk,
    targets,
    users,
)
from callcenter.web.route import Route

ROUTES: tuple[Route, ...] = (
    *status.ROUTES,
    *sessions.ROUTES,
    *users.ROUTES,
    *seats_admin.ROUTES,
    *calendar_admin.ROUTES,
    *blacklist_admin.ROUTES,
    *audit.ROUTES,
    *live.ROUTES,
    *events.ROUTES,
    *kpi.ROUTES,
    *requests.ROUTES,
    *talk.ROUTES,
    *pop.ROUTES,
    *records.ROUTES,
    *targets.ROUTES,
    *desk.ROUTES,
    *sip_proxy.ROUTES,
    *flows.ROUTES,
)
