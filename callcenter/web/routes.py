"""Every route of the application, joined from its topics."""

from callcenter.web import auth, events, kpi, live, status, talk
from callcenter.web.route import Route

ROUTES: tuple[Route, ...] = (
    *status.ROUTES,
    *auth.ROUTES,
    *live.ROUTES,
    *events.ROUTES,
    *kpi.ROUTES,
    *talk.ROUTES,
)
