"""Which backups have had their day: seven days and four weeks of the regular ones are kept."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from engine.kept import Backup, BackupKind

DAYS, WEEKS = 7, 4
KEPT_FOR = timedelta(days=30)  # those made before an update or a restore
_PASSING = (BackupKind.UPDATE, BackupKind.RESTORE)


def superfluous(backups: Sequence[Backup], now: datetime) -> tuple[Backup, ...]:
    """The backups to remove. One that the person asked for stays, and so does the newest of every kind."""
    stay: set[str] = {backup.name for backup in backups if backup.kind is BackupKind.ASKED}
    regular = [backup for backup in backups if backup.kind is BackupKind.REGULAR]
    stay |= _newest_of_each(regular, DAYS, lambda moment: moment.date().isoformat())
    stay |= _newest_of_each(regular, WEEKS, lambda moment: "{}-{}".format(*moment.isocalendar()))
    for kind in _PASSING:
        of_kind = sorted((each for each in backups if each.kind is kind), key=lambda each: each.made_at, reverse=True)
        stay |= {each.name for each in of_kind[:1]}
        stay |= {each.name for each in of_kind if now - datetime.fromisoformat(each.made_at) < KEPT_FOR}
    return tuple(backup for backup in backups if backup.name not in stay)


def _newest_of_each(backups: Sequence[Backup], count: int, stretch: Callable[[datetime], str]) -> set[str]:
    """The names of the newest backup of each of the last `count` days or weeks that have any."""
    newest: dict[str, str] = {}
    for backup in sorted(backups, key=lambda each: each.made_at, reverse=True):
        newest.setdefault(stretch(datetime.fromisoformat(backup.made_at)), backup.name)
    return set(list(newest.values())[:count])
