"""Alembic's environment: runs on the connection it is handed, against the models of every part."""

from alembic import context

from idp.migrations.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Both stores take part in transactions when their tables change; a version is done or undone.
    transactional_ddl=True,
    transaction_per_migration=True,
    render_as_batch=True,
    user_module_prefix="",
    **context.config.attributes.get("rendering", {}),
)
with context.begin_transaction():
    context.run_migrations()
