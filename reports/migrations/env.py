"""Run by Alembic for each migration; the connection is handed in by `reports.schema`."""

from alembic import context

from reports.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite too: we say BEGIN ourselves
    render_as_batch=True,  # SQLite cannot alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
