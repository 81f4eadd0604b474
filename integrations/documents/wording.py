"""How a document speaks: labels, codes, dates and periods, in the language of the plan."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date, get_timezone

from integrations.words import say

LOCALES = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}
NORWAY = get_timezone("Europe/Oslo")


UNSAID = frozenset({"mis", "mul", "und", "zxx"})  # ISO 639-2: no one language


def is_named(tag: str) -> bool:
    """Whether it is a language that a document can call by its name."""
    language = tag.partition("-")[0]
    return language not in UNSAID and language in Locale.parse(LOCALES["nb"]).languages


@dataclass(frozen=True)
class Wording:
    """Everything takes what the plan holds and gives None for None: what was withheld stays withheld."""
    language: str

    @property
    def locale(self) -> str:
        return LOCALES.get(self.language, LOCALES["nb"])

    def label(self, name: str, /, **values: Any) -> str:
        return say(f"pdf.{name}", self.language, **values)

    def code(self, group: str, code: str | int | None) -> str | None:
        """The word for a code; the code itself where a municipality has added one of its own."""
        if code is None:
            return None
        try:
            return self.label(f"{group}.{code}")
        except KeyError:
            return str(code)

    def language_name(self, tag: str) -> str:
        """What a language is called in this one, without what the tag (BCP 47) says of script and place where
        there is no name for that; the tag itself where nobody has told."""
        names, language = Locale.parse(self.locale).languages, tag.partition("-")[0]
        return str(names.get(tag.replace("-", "_")) or names.get(language, tag))

    def day(self, iso: str | None) -> str | None:
        """A date, or the Norwegian date of a moment."""
        if iso is None:
            return None
        moment = datetime.fromisoformat(iso)
        day = moment.astimezone(NORWAY).date() if moment.tzinfo else moment.date()
        return format_date(day, "medium", self.locale)

    def moment(self, iso: str | None) -> str | None:
        """Date and time of day in Norway."""
        return None if iso is None else self.clock(datetime.fromisoformat(iso))

    def clock(self, moment: datetime) -> str:
        local = moment.astimezone(NORWAY)
        return self.label("moment", day=format_date(local, "medium", self.locale), time=f"{local:%H:%M}")

    def days(self, first: str | None, last: str | None) -> str | None:
        """Of two moments: from the day of one to the day of the other, both with it."""
        start, end = self.day(first), self.day(last)
        return start if start == end else self.label("between", start=start, end=end)

    def period(self, start: str | None, end: str | None) -> str | None:
        """From the first day to the last: what ends at a midnight ended with the day before."""
        moment = datetime.fromisoformat(end) if end else None
        ended = moment - timedelta(microseconds=1) if moment and moment.tzinfo else moment
        first, last = self.day(start), self.day(ended.isoformat() if ended else None)
        if first and last:
            return self.label("between", start=first, end=last)
        if first:
            return self.label("since", day=first)
        return self.label("until", day=last) if last else None
