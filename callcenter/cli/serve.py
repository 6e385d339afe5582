"""`hotline serve`: the controller and its pages, beside an Asterisk that runs already."""

from __future__ import annotations

import typer

from callcenter.cli import Fault


def add(app: typer.Typer) -> None:
    """Register `hotline serve`."""

    @app.command(epilog="Example: hotline serve --role controller,web")
    def serve(
        role: str = typer.Option("controller,web", help="Roles to run, separated by commas."),
    ) -> None:
        """Serve calls and pages until stopped."""
        import uvloop

        from callcenter.app import ROLES, Hotline
        from callcenter.log import set_up_log
        from callcenter.nodes_file import cluster_faults
        from callcenter.province import ProvinceFaults, load_province
        from callcenter.province_secrets import SecretsUnreadable, load_secrets
        from callcenter.settings import SettingsFault, load_settings
        from ivr_flows.load import FlowsRefused
        from reports.store import DatabaseFault

        roles = tuple(part.strip() for part in role.split(",") if part.strip())
        unknown = [part for part in roles if part not in ROLES]
        if unknown or not roles:
            raise typer.BadParameter(
                f"{', '.join(unknown) or 'none'}: known are {', '.join(ROLES)}"
            )
        set_up_log()

        async def run() -> None:
            settings = load_settings()
            province = load_province(settings.province)
            faults = cluster_faults(
                province.nodes,
                own=settings.node,
                cluster=settings.cluster,
                is_private=settings.redis_is_private,
            )
            if faults:
                raise ProvinceFaults("\n".join(faults))
            kept = load_secrets(settings.home, *province.phones)
            await Hotline(settings, province, kept).run(roles)

        try:
            uvloop.run(run())
        except (
            SettingsFault,
            ProvinceFaults,
            SecretsUnreadable,
            FlowsRefused,
            DatabaseFault,
            OSError,
        ) as fault:
            raise Fault(str(fault)) from None
