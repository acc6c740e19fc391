"""The ``huiying`` command: arguments come in, library calls and an exit code go out.

One file a command: ``pipeline/cli/NAME.py`` exposes ``command``; nothing else is edited to add one.
Exit codes: 0 done, 1 failed, 2 wrong usage or bad input.
"""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
import sys

import click

from pipeline.config import ConfigError
from pipeline.store import StoreError

# Modules of this package that are not commands of their own.
HELPERS = frozenset({"support"})


class LazyGroup(click.Group):
    """A group that imports a command only when it is used, so that ``--help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, from the files in this folder."""
        found = [entry.name for entry in pkgutil.iter_modules(__path__)]
        return sorted(name.strip("_").replace("_", "-") for name in found if name not in HELPERS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command by its name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        base = cmd_name.replace("-", "_")
        files = {entry.name for entry in pkgutil.iter_modules(__path__)}
        module = importlib.import_module(f"{__name__}.{base if base in files else base + '_'}")
        command: click.Command = module.command
        return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="回应:发现等待权威回应的说法与诉求,帮助按时回应。",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    default=None,
    help="数据目录(默认 $HUIYING_HOME 或 ./var)。",
)
@click.option("-v", "--verbose", is_flag=True, help="显示更多运行信息。")
@click.version_option(package_name="huiying", message="%(prog)s %(version)s")
def group(home: str | None, verbose: bool) -> None:
    """Set up logging and the home folder for every command."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    if home:
        os.environ["HUIYING_HOME"] = home


def main() -> None:
    """Run the command line; known failures end with one line on stderr and exit code 1, bad input with 2."""
    try:
        group(prog_name="huiying")
    except ConfigError as error:
        click.echo(f"配置有误:{error}", err=True)
        sys.exit(2)
    except StoreError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
