"""Words of timestamps, by the directives that write them: months, weekdays, halves of the day, and zones.

A directive is %b, %B (months), %a, %A (weekdays), %p or %P (AM, am). In brackets stands a language, English
unless named, and where its people write a month in several ways the one that tells: %[de]b, %[de Mrz]b.
A point after it ends the words that are shortened: %[.]b is Jan., but May. %^b is JAN and %_b is jan.
Twelve words in brackets are the months of any other language.
"""

import re
from collections.abc import Callable
from functools import lru_cache

# Of each letter the vocabularies, the likeliest first: what stands in brackets, and the words.
MONTHS = {
    "b": """
        : Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
        Sept: Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec
        March: Jan Feb March April May June July Aug Sept Oct Nov Dec
        June: Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec
        de: Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez
        de Mrz: Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez
        de Sept: Jan Feb Mär Apr Mai Jun Jul Aug Sept Okt Nov Dez
        de Mrz Sept: Jan Feb Mrz Apr Mai Jun Jul Aug Sept Okt Nov Dez
        de März: Jan Feb März Apr Mai Juni Juli Aug Sept Okt Nov Dez
        de März Sep: Jan Feb März Apr Mai Juni Juli Aug Sep Okt Nov Dez
        de Mar: Jan Feb Mar Apr Mai Jun Jul Aug Sep Okt Nov Dez
        de Jän: Jän Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez
        fr: Janv Févr Mars Avr Mai Juin Juil Août Sept Oct Nov Déc
        fr Fevr: Janv Fevr Mars Avr Mai Juin Juil Aout Sept Oct Nov Dec
        fr Fév: Jan Fév Mar Avr Mai Juin Juil Aoû Sep Oct Nov Déc
        fr Fev: Jan Fev Mar Avr Mai Juin Juil Aou Sep Oct Nov Dec
        fr Jui: Jan Fév Mar Avr Mai Jun Jul Aoû Sep Oct Nov Déc
        fr Jun: Jan Fev Mar Avr Mai Jun Jul Aou Sep Oct Nov Dec
        fr Mars: Jan Fév Mars Avr Mai Juin Juil Août Sept Oct Nov Déc
        fr Mars Sep: Jan Fév Mars Avr Mai Juin Juil Août Sep Oct Nov Déc
        es: Ene Feb Mar Abr May Jun Jul Ago Sep Oct Nov Dic
        es Sept: Ene Feb Mar Abr May Jun Jul Ago Sept Oct Nov Dic
        es Set: Ene Feb Mar Abr May Jun Jul Ago Set Oct Nov Dic
        pt: Jan Fev Mar Abr Mai Jun Jul Ago Set Out Nov Dez
        it: Gen Feb Mar Apr Mag Giu Lug Ago Set Ott Nov Dic
        it Sett: Gen Feb Mar Apr Mag Giu Lug Ago Sett Ott Nov Dic
        nl: Jan Feb Mrt Apr Mei Jun Jul Aug Sep Okt Nov Dec
        nl Maa: Jan Feb Maa Apr Mei Jun Jul Aug Sep Okt Nov Dec
        nl Mar: Jan Feb Mar Apr Mei Jun Jul Aug Sep Okt Nov Dec
        nl Sept: Jan Feb Mrt Apr Mei Juni Juli Aug Sept Okt Nov Dec
        sv: Jan Feb Mar Apr Maj Jun Jul Aug Sep Okt Nov Dec
        sv Mars: Jan Feb Mars April Maj Juni Juli Aug Sep Okt Nov Dec
        sv Sept: Jan Feb Mars Apr Maj Juni Juli Aug Sept Okt Nov Dec
        nb: Jan Feb Mar Apr Mai Jun Jul Aug Sep Okt Nov Des
        pl: Sty Lut Mar Kwi Maj Cze Lip Sie Wrz Paź Lis Gru
        cs: Led Úno Bře Dub Kvě Čvn Čvc Srp Zář Říj Lis Pro
        tr: Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara
        ru: Янв Фев Мар Апр Май Июн Июл Авг Сен Окт Ноя Дек
        ro: Ian Feb Mar Apr Mai Iun Iul Aug Sep Oct Noi Dec
        hu: Jan Feb Már Ápr Máj Jún Júl Aug Szep Okt Nov Dec
        """,
    "B": """
        : January February March April May June July August September October November December
        de: Januar Februar März April Mai Juni Juli August September Oktober November Dezember
        de Maerz: Januar Februar Maerz April Mai Juni Juli August September Oktober November Dezember
        de Jänner: Jänner Februar März April Mai Juni Juli August September Oktober November Dezember
        fr: Janvier Février Mars Avril Mai Juin Juillet Août Septembre Octobre Novembre Décembre
        fr Fevrier: Janvier Fevrier Mars Avril Mai Juin Juillet Aout Septembre Octobre Novembre Decembre
        es: Enero Febrero Marzo Abril Mayo Junio Julio Agosto Septiembre Octubre Noviembre Diciembre
        es Setiembre: Enero Febrero Marzo Abril Mayo Junio Julio Agosto Setiembre Octubre Noviembre Diciembre
        pt: Janeiro Fevereiro Março Abril Maio Junho Julho Agosto Setembro Outubro Novembro Dezembro
        pt Marco: Janeiro Fevereiro Marco Abril Maio Junho Julho Agosto Setembro Outubro Novembro Dezembro
        it: Gennaio Febbraio Marzo Aprile Maggio Giugno Luglio Agosto Settembre Ottobre Novembre Dicembre
        nl: Januari Februari Maart April Mei Juni Juli Augustus September Oktober November December
        sv: Januari Februari Mars April Maj Juni Juli Augusti September Oktober November December
        da: Januar Februar Marts April Maj Juni Juli August September Oktober November December
        nb: Januar Februar Mars April Mai Juni Juli August September Oktober November Desember
        pl: Styczeń Luty Marzec Kwiecień Maj Czerwiec Lipiec Sierpień Wrzesień Październik Listopad Grudzień
        pl Stycznia: Stycznia Lutego Marca Kwietnia Maja Czerwca Lipca Sierpnia Września Października \
            Listopada Grudnia
        cs: Leden Únor Březen Duben Květen Červen Červenec Srpen Září Říjen Listopad Prosinec
        cs ledna: Ledna Února Března Dubna Května Června Července Srpna Září Října Listopadu Prosince
        fi: Tammikuu Helmikuu Maaliskuu Huhtikuu Toukokuu Kesäkuu Heinäkuu Elokuu Syyskuu Lokakuu Marraskuu \
            Joulukuu
        fi kuuta: Tammikuuta Helmikuuta Maaliskuuta Huhtikuuta Toukokuuta Kesäkuuta Heinäkuuta Elokuuta \
            Syyskuuta Lokakuuta Marraskuuta Joulukuuta
        tr: Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık
        ru: Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь
        ru января: Января Февраля Марта Апреля Мая Июня Июля Августа Сентября Октября Ноября Декабря
        uk: Січень Лютий Березень Квітень Травень Червень Липень Серпень Вересень Жовтень Листопад Грудень
        ro: Ianuarie Februarie Martie Aprilie Mai Iunie Iulie August Septembrie Octombrie Noiembrie Decembrie
        hu: Január Február Március Április Május Június Július Augusztus Szeptember Október November December
        ca: Gener Febrer Març Abril Maig Juny Juliol Agost Setembre Octubre Novembre Desembre
        el: Ιανουάριος Φεβρουάριος Μάρτιος Απρίλιος Μάιος Ιούνιος Ιούλιος Αύγουστος Σεπτέμβριος Οκτώβριος \
            Νοέμβριος Δεκέμβριος
        """,
}
WEEKDAYS = {
    "a": """
        : Mon Tue Wed Thu Fri Sat Sun
        Thurs: Mon Tues Wed Thurs Fri Sat Sun
        Thur: Mon Tue Wed Thur Fri Sat Sun
        de: Mo Di Mi Do Fr Sa So
        fr: Lun Mar Mer Jeu Ven Sam Dim
        es: Lun Mar Mié Jue Vie Sáb Dom
        es Mie: Lun Mar Mie Jue Vie Sab Dom
        pt: Seg Ter Qua Qui Sex Sáb Dom
        pt Sab: Seg Ter Qua Qui Sex Sab Dom
        it: Lun Mar Mer Gio Ven Sab Dom
        nl: Ma Di Wo Do Vr Za Zo
        sv: Mån Tis Ons Tors Fre Lör Sön
        sv Tor: Mån Tis Ons Tor Fre Lör Sön
        ja: 月 火 水 木 金 土 日
        ko: 월 화 수 목 금 토 일
        zh: 周一 周二 周三 周四 周五 周六 周日
        """,
    "A": """
        : Monday Tuesday Wednesday Thursday Friday Saturday Sunday
        de: Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag
        de Sonnabend: Montag Dienstag Mittwoch Donnerstag Freitag Sonnabend Sonntag
        fr: Lundi Mardi Mercredi Jeudi Vendredi Samedi Dimanche
        es: Lunes Martes Miércoles Jueves Viernes Sábado Domingo
        es Sabado: Lunes Martes Miercoles Jueves Viernes Sabado Domingo
        pt: Segunda-feira Terça-feira Quarta-feira Quinta-feira Sexta-feira Sábado Domingo
        pt Segunda: Segunda Terça Quarta Quinta Sexta Sábado Domingo
        it: Lunedì Martedì Mercoledì Giovedì Venerdì Sabato Domenica
        nl: Maandag Dinsdag Woensdag Donderdag Vrijdag Zaterdag Zondag
        sv: Måndag Tisdag Onsdag Torsdag Fredag Lördag Söndag
        ja: 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日
        ko: 월요일 화요일 수요일 목요일 금요일 토요일 일요일
        zh: 星期一 星期二 星期三 星期四 星期五 星期六 星期日
        """,
}
HALVES = {"p": "AM PM", "P": "am pm", "[.]p": "A.M._P.M.", "[.]P": "a.m._p.m.", "[. ]P": "a. m._p. m."}
# What follows a day as an ordinal number: by its last digit, and in French the first and all others.
ORDINALS = {"o": ("th", "st", "nd", "rd"), "[fr]o": ("er", "")}
# Standard time and summer time, and how many minutes each is ahead of UTC. Those of names that several
# countries use are the best known.
ZONES = {
    **{"CET/CEST": (60, 120), "MEZ/MESZ": (60, 120), "WET/WEST": (0, 60), "EET/EEST": (120, 180)},
    **{"GMT/BST": (0, 60), "GMT/IST": (0, 60), "EST/EDT": (-300, -240), "CST/CDT": (-360, -300)},
    **{"MST/MDT": (-420, -360), "PST/PDT": (-480, -420), "AKST/AKDT": (-540, -480)},
    **{"HST/HDT": (-600, -540), "AST/ADT": (-240, -180), "NST/NDT": (-210, -150)},
    **{"AEST/AEDT": (600, 660), "ACST/ACDT": (570, 630), "NZST/NZDT": (720, 780)},
    **{"IST/IDT": (120, 180), "MSK/MSD": (180, 240), "BRT/BRST": (-180, -120), "CLT/CLST": (-240, -180)},
    **{"JST/JDT": (540, 600), "KST/KDT": (540, 600), "HKT/HKST": (480, 540)},
    **{"AWST/AWDT": (480, 540), "SGT": (480,), "SAST": (120,), "PKT": (300,), "ICT": (420,), "WIB": (420,)},
}
ZONE_NAMES = sorted({name for pair in ZONES for name in pair.split("/")}, key=len, reverse=True)
# Names of several zones that do not tell an offset: of India and Israel, China and Chicago.
UNCLEAR_ZONES = ("IST", "CST", "BST", "AST")

NAMED = re.compile(r"(?P<case>[\^_]?)(?:\[(?P<kind>[^\]]*)\])?(?P<letter>[bBaA])")
KINDS = {"b": "month", "B": "month", "a": "weekday", "A": "weekday"}
WORDS = {"month": 12, "weekday": 7}
CASES: dict[str, Callable[[str], str]] = {"": str, "^": str.upper, "_": str.lower}


@lru_cache(maxsize=512)
def words_of(directive: str) -> tuple[str, ...]:
    """Return the words that a directive, without %, writes: empty if it is none of these."""
    if directive in HALVES:
        return tuple(HALVES[directive].split("_" if "." in directive else " "))
    found = NAMED.fullmatch(directive)
    if found is None:
        return ()
    letter, kind = found["letter"], found["kind"] or ""
    own = kind.split()
    if len(own) == WORDS[KINDS[letter]]:
        return tuple(own)
    words = _tables()[letter].get(kind.removesuffix("."), ())
    if kind.endswith("."):
        long = _tables()[letter.upper()].get(kind.removesuffix(".").partition(" ")[0], ())
        full = {*long, *_tables()[letter.upper()][""]}
        words = tuple(word if word in full else f"{word}." for word in words)
    return tuple(map(CASES[found["case"]], words))


@lru_cache(maxsize=1)
def lexicon() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return of each word the directives that write it: "month" or "weekday" to them, the likeliest first."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for letter, tables in _tables().items():
        for kind in tables:
            points = ("", ".") if letter in "ba" else ("",)
            bracket = [f"[{kind}{point}]" if kind or point else "" for point in points]
            for directive in (f"{case}{each}{letter}" for each in bracket for case in CASES):
                for word in words_of(directive):
                    found.setdefault(word, {}).setdefault(KINDS[letter], {})[directive] = None
    return {
        word: {
            kind: tuple(sorted(each, key=lambda directive: "[" in directive)) for kind, each in kinds.items()
        }
        for word, kinds in found.items()
    }


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return of each letter the words of each kind."""
    tables = {}
    for letter, text in {**MONTHS, **WEEKDAYS}.items():
        lines = [line.partition(":") for line in text.replace("\\\n", " ").strip().splitlines()]
        tables[letter] = {kind.strip(): tuple(words.split()) for kind, _, words in lines}
    return tables
