"""How people call the parts of a time, in English and other languages."""

import re
import unicodedata
from functools import lru_cache

NAMES = {
    "year": (
        "year yr yy yyyy jahr annee an ano anio anno any jaar aar ar rok vuosi yil 年 年份 isoyear weekyear "
        "calendaryear"
    ),
    "half": "half semester sem halfyear halbjahr hj semestre halfofyear",
    "quarter": "quarter qtr qtrs q quartal trimestre trim trimester kwartaal quart",
    "month": (
        "month mon mth mnth mm monat mois mes mese maand manad maned mesic miesiac kuukausi 月 月份 months "
        "monthname monthnumber monthofyear"
    ),
    "week": (
        "week wk kw woche kalenderwoche semaine semana settimana sem isoweek epiweek weekofyear weeknumber "
        "weekno weeknum"
    ),
    "day": "day dd tag jour dia giorno dag den dzien paiva 日 dayofmonth dom mday monthday",
    "yearday": "dayofyear doy yday julianday jday julian day yearday tag jour dia giorno jourdelannee",
    "hour": (
        "hour hr hh hours hrs h stunde std heure hora ora uur he hourending hourend hourbeginning hb "
        "hourofday time uhrzeit zeit clock timeofday tod localtime hhmm hrmn hourminute heures horas tijd"
        " orario timme godzina hodina 时 時 小时 時刻 时间 時間"
    ),
    "minute": "minute mm min minutes mins mi mn minuto minuten minuut minuti minutos",
    "second": "second sec seconds ss sekunde seconde segundo secondo",
    "period": (
        "period settlementperiod sp tradingperiod tp periode periodo interval intervals halfhour slot "
        "timeslot halfhourperiod periodnumber intervalnumber quarterhour viertelstunde intervalle intervalo "
        "mtu settlementinterval deliveryinterval deliveryperiod timeperiod dispatchinterval halbstunde"
    ),
}
SLOTS: dict[str, list[str]] = {}
for _slot, _names in NAMES.items():
    for _name in _names.split():
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
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = [word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\u4e00-\u9fff]+", plain)]
    telling = [word for word in words if word not in EMPTY_WORDS]
    tried = ("".join(words), "".join(telling), *(telling[-1:] if len(telling) == 2 else ()))
    return next((tuple(SLOTS[word]) for word in tried if word in SLOTS), ())
