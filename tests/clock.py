"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class FrozenClock:
    """Replaces the site's clock (`foundation.clock`): `request.now` shows what was set here."""

    def __init__(self) -> None:
        self.set(2026, 3, 2)

    def __call__(self) -> datetime:
        return self.now

    def set(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """Set the clock to a moment in Shanghai and return it."""
        self.now = datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move the clock by a `timedelta` given in its own words (`days=5`) and return the new moment."""
        self.now += timedelta(**by)
        return self.now
