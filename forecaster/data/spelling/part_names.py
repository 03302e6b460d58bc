"""How people call the parts of a time, in English and other languages."""

import re
import unicodedata
from functools import lru_cache

NAMES = {
    "year": (
        "year yr yy yyyy jahr annee an ano anio anno any jaar aar ar rok vuosi yil yıl год рік ετος "
        "年 年份 년 연도 isoyear weekyear calendaryear"
    ),
    "half": "half semester sem halfyear halbjahr hj semestre halfofyear",
    "quarter": (
        "quarter qtr qtrs q quartal trimestre trim trimester kwartaal quart квартал ceyrek kvartal ctvrtleti "
        "季度 분기"
    ),
    "month": (
        "month mon mth mnth mm monat mois mes mese maand manad maned mesic miesiac kuukausi honap ay месяц "
        "місяць μηνας 月 月份 월 months monthname monthnumber monthofyear"
    ),
    "week": (
        "week wk kw woche kalenderwoche semaine semana settimana sem hafta tyden tydzien vecka uge uke "
        "viikko неделя тиждень 周 週 주 isoweek epiweek weekofyear weeknumber weekno weeknum"
    ),
    "day": "day dd tag jour dia giorno dag den dzien paiva день ημερα 日 일 dayofmonth dom mday monthday",
    "yearday": "dayofyear doy yday julianday jday julian day yearday tag jour dia giorno jourdelannee",
    "hour": (
        "hour hr hh hours hrs h stunde std heure hora ora uur he hourending hourend hourbeginning hb "
        "hourofday time uhrzeit zeit clock timeofday tod localtime hhmm hrmn hourminute heures horas tijd"
        " orario timme godzina hodina час година saat tunti ωρα 시 时 時 小时 時刻 时间 時間"
    ),
    "minute": "minute mm min minutes mins mi mn minuto minuten minuut minuti minutos",
    "second": "second sec seconds ss sekunde seconde segundo secondo",
    "period": (
        "period settlementperiod sp tradingperiod tp periode periodo interval intervals halfhour slot "
        "timeslot halfhourperiod periodnumber intervalnumber quarterhour viertelstunde intervalle intervalo "
        "mtu settlementinterval deliveryinterval deliveryperiod timeperiod dispatchinterval halbstunde"
    ),
}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")


def _without_accents(text: str) -> str:
    letters = (one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", "".join(letters))


SLOTS: dict[str, list[str]] = {}
for _slot, _names in NAMES.items():
    for _name in map(_without_accents, _names.split()):
        SLOTS.setdefault(_name, []).append(_slot)
# Words around the one that tells: week_no, Hour (UTC), Month Number.
EMPTY_WORDS = {
    *("no", "nr", "num", "number", "nbr", "of", "ending", "end", "beginning", "begin", "start", "starting"),
    *(
        "utc",
        "gmt",
        "local",
        "cet",
        "lst",
        "est",
        "id",
        "name",
        "the",
        "code",
        "nummer",
        "numero",
        "int",
        "iso",
    ),
}


@lru_cache(maxsize=4096)
def slots_of(name: str) -> tuple[str, ...]:
    """Return which parts of a time a column of this name may be."""
    words = [word.casefold() for word in WORD.findall(_without_accents(name))]
    telling = [word for word in words if word not in EMPTY_WORDS]
    tried = ("".join(words), "".join(telling), *(telling[-1:] if len(telling) == 2 else ()))
    return next((tuple(SLOTS[word]) for word in tried if word in SLOTS), ())
