"""The command `hashsplit`: ids in, one per line; the size of each part out."""

import click

from hashsplit import count

try:  # comes with the extra: pip install "hashsplit[table]"
    from rich.console import Console
    from rich.table import Table
except ModuleNotFoundError:
    Table = None


@click.command()
@click.argument("ids", type=click.File(), default="-")
@click.option("--valid", default=10.0, show_default=True, help="Percentage of records for validation.")
@click.option("--test", default=10.0, show_default=True, help="Percentage of records for testing.")
@click.option("--salt", default="", help="Another salt gives another, equally fixed split.")
@click.version_option(package_name="hashsplit")
def main(ids, valid, test, salt):
    """Count how many of the IDS go to train, valid and test."""
    sizes = count((line.strip() for line in ids), valid, test, salt)
    if Table is None:
        for part, size in sizes.items():
            click.echo(f"{part} {size}")
        return
    table = Table("part", "records")
    for part, size in sizes.items():
        table.add_row(part, str(size))
    Console().print(table)
