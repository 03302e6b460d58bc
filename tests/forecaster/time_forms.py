"""Forms of times that files have, each with its step and texts that follow each other."""

from __future__ import annotations

from deploy import TimeStep

HOUR, DAY_STEP, WEEK = TimeStep(1, "hour"), TimeStep(1, "day"), TimeStep(1, "week")
MONTH, QUARTER, HALF, YEAR = (TimeStep(count, "month") for count in (1, 3, 6, 12))

# form, step, and texts that follow each other, of which the last two are not read but written
FORMS: dict[str, tuple[TimeStep, str]] = {
    # years of two digits
    "%d.%m.%y": (DAY_STEP, "30.12.23|31.12.23|01.01.24|02.01.24|03.01.24"),
    "%-d.%-m.%y": (DAY_STEP, "29.4.23|30.4.23|1.5.23|2.5.23|3.5.23"),
    "%-d/%-m/%y": (DAY_STEP, "30/7/20|31/7/20|1/8/20|2/8/20"),
    "%-m/%-d/%y": (DAY_STEP, "7/30/20|7/31/20|8/1/20|8/2/20"),
    "%y/%m/%d": (MONTH, "14/11/01|14/12/01|15/01/01|15/02/01|15/03/01"),
    "%y-%m-%d": (MONTH, "14-11-01|14-12-01|15-01-01|15-02-01"),
    "%m-%d-%y": (DAY_STEP, "06-29-18|06-30-18|07-01-18|07-02-18"),
    "%d-%b-%y": (DAY_STEP, "29-Jun-18|30-Jun-18|01-Jul-18|02-Jul-18"),
    "%-d %b %y": (DAY_STEP, "29 Jun 18|30 Jun 18|1 Jul 18|2 Jul 18"),
    "%d%^b%Y": (DAY_STEP, "29JUN2018|30JUN2018|01JUL2018|02JUL2018"),
    "%b '%y": (MONTH, "Nov '18|Dec '18|Jan '19|Feb '19"),
    "%b %y": (MONTH, "Nov 18|Dec 18|Jan 19|Feb 19"),
    # halves of a year
    "%Y-H%[half]q": (HALF, "1999-H1|1999-H2|2000-H1|2000-H2"),
    "%YS%[half]q": (HALF, "1999S1|1999S2|2000S1|2000S2"),
    "H%[half]q %Y": (HALF, "H1 1999|H2 1999|H1 2000|H2 2000"),
    "%[half]qH%y": (HALF, "1H99|2H99|1H00|2H00"),
    # months by name
    "%d-%_b-%Y": (DAY_STEP, "29-jun-2018|30-jun-2018|01-jul-2018|02-jul-2018"),
    "%[Sept]b %Y": (MONTH, "Aug 2018|Sept 2018|Oct 2018|Nov 2018"),
    "%[.]b %-d, %Y": (DAY_STEP, "Apr. 30, 2018|May 1, 2018|May 2, 2018"),
    "%[March.]b %-d, %Y": (MONTH, "Feb. 1, 2018|March 1, 2018|April 1, 2018|May 1, 2018"),
    "%[de]b %Y": (MONTH, "Feb 2018|Mär 2018|Apr 2018|Mai 2018"),
    "%[de Mrz]b %y": (MONTH, "Feb 18|Mrz 18|Apr 18|Mai 18"),
    "%-d. %[de]B %Y": (DAY_STEP, "27. Februar 2018|28. Februar 2018|1. März 2018|2. März 2018"),
    "%[de März.]b %Y": (MONTH, "Feb. 2018|März 2018|Apr. 2018|Mai 2018|Juni 2018|Juli 2018"),
    "%_[fr.]b %Y": (MONTH, "janv. 2018|févr. 2018|mars 2018|avr. 2018"),
    "%[fr]o %_[fr]B %Y": (DAY_STEP, "30 juin 2018|1er juillet 2018|2 juillet 2018|3 juillet 2018"),
    "%-d de %_[es]B de %Y": (DAY_STEP, "30 de enero de 2018|31 de enero de 2018|1 de febrero de 2018"),
    "%_[es]b-%y": (MONTH, "dic-17|ene-18|feb-18|mar-18"),
    "%_[pt]b/%Y": (MONTH, "nov/2017|dez/2017|jan/2018|fev/2018"),
    "%[it]B %Y": (MONTH, "Dicembre 2017|Gennaio 2018|Febbraio 2018"),
    "%-d %_[nl]B %Y": (DAY_STEP, "30 januari 2018|31 januari 2018|1 februari 2018"),
    "%Y %b": (MONTH, "1991 Jun|1991 Jul|1991 Aug|1991 Sep"),
    "%b %-d %Y": (MONTH, "Nov 1 2010|Dec 1 2010|Jan 1 2011|Feb 1 2011"),
    "%B %o %Y": (DAY_STEP, "January 31st 2021|February 1st 2021|February 2nd 2021|February 3rd 2021"),
    "%o %B %Y": (DAY_STEP, "10th April 2021|11th April 2021|12th April 2021|13th April 2021"),
    # weekdays
    "%A %d %B %Y": (DAY_STEP, "Sunday 28 February 2021|Monday 01 March 2021|Tuesday 02 March 2021"),
    "%A, %B %-d, %Y": (DAY_STEP, "Sunday, February 28, 2021|Monday, March 1, 2021|Tuesday, March 2, 2021"),
    "%a, %d %b %Y %H:%M:%S +0000": (
        HOUR,
        "Sun, 28 Feb 2021 22:00:00 +0000|Sun, 28 Feb 2021 23:00:00 +0000|Mon, 01 Mar 2021 00:00:00 +0000",
    ),
    "%a %b %e %H:%M:%S %Y": (
        HOUR,
        "Sun Feb 28 23:00:00 2021|Mon Mar  1 00:00:00 2021|Mon Mar  1 01:00:00 2021",
    ),
    "%[de]a, %d.%m.%Y": (DAY_STEP, "So, 28.02.2021|Mo, 01.03.2021|Di, 02.03.2021"),
    "%_[fr]A %-d %_[fr]b %Y": (DAY_STEP, "lundi 8 mars 2021|mardi 9 mars 2021|mercredi 10 mars 2021"),
    "%Y-%m-%d (%a)": (DAY_STEP, "2021-02-28 (Sun)|2021-03-01 (Mon)|2021-03-02 (Tue)"),
    # quarters, weeks and years
    "%Yq%q": (QUARTER, "2018q3|2018q4|2019q1|2019q2"),
    "%qQ%y": (QUARTER, "3Q18|4Q18|1Q19|2Q19"),
    "Q%q-%y": (QUARTER, "Q3-18|Q4-18|Q1-19|Q2-19"),
    "T%q %Y": (QUARTER, "T3 2018|T4 2018|T1 2019"),
    "%G W%-V": (WEEK, "2018 W51|2018 W52|2019 W1|2019 W2"),
    "KW %V/%G": (WEEK, "KW 51/2018|KW 52/2018|KW 01/2019|KW 02/2019"),
    "%YM%m": (MONTH, "2018M11|2018M12|2019M01"),
    "%m-%Y": (MONTH, "11-2018|12-2018|01-2019"),
    "FY%y": (YEAR, "FY98|FY99|FY00|FY01"),
    "%Y/%[+1]y": (YEAR, "1998/99|1999/00|2000/01|2001/02|2002/03"),
    "%Y-%[+1]y": (YEAR, "2008-09|2009-10|2010-11|2011-12|2012-13"),
    "%Y/%[+1]Y": (YEAR, "2008/2009|2009/2010|2010/2011"),
    # other scripts
    "%Y年%-m月%-d日": (DAY_STEP, "2018年6月29日|2018年6月30日|2018年7月1日|2018年7月2日"),
    "%Y年%m月": (MONTH, "2018年11月|2018年12月|2019年01月"),
    "%Y년 %-m월 %-d일": (DAY_STEP, "2018년 6월 30일|2018년 7월 1일|2018년 7월 2일"),
    "%Y年%m月%d日(%[ja]a)": (DAY_STEP, "2021年02月28日(日)|2021年03月01日(月)|2021年03月02日(火)"),
    # times of day
    "%Y-%m-%d_%H:%M": (HOUR, "2018-06-29_23:00|2018-06-30_00:00|2018-06-30_01:00"),
    "%d/%m/%Y  %H:%M:%S": (HOUR, "29/06/2018  23:00:00|30/06/2018  00:00:00|30/06/2018  01:00:00"),
    "%-d %b %Y, %H:%M": (HOUR, "9 Jun 2018, 23:00|10 Jun 2018, 00:00|10 Jun 2018, 01:00"),
    "%d/%b/%Y:%H:%M:%S +0000": (HOUR, "29/Jun/2018:23:00:00 +0000|30/Jun/2018:00:00:00 +0000"),
    "%m/%d/%Y %I:%M %P": (HOUR, "06/29/2018 11:00 pm|06/30/2018 12:00 am|06/30/2018 01:00 am"),
    "%-m/%-d/%Y %-I:%M:%S%p": (HOUR, "6/29/2018 11:00:00AM|6/29/2018 12:00:00PM|6/29/2018 1:00:00PM"),
    "%d/%m/%Y %I:%M %[.]P": (HOUR, "29/06/2018 11:00 p.m.|30/06/2018 12:00 a.m.|30/06/2018 01:00 a.m."),
    "%Y-%m-%d %[24]H:%M": (HOUR, "2021-02-28 23:00|2021-02-28 24:00|2021-03-01 01:00|2021-03-01 02:00"),
    "%d.%m.%Y %-[24]H:%M": (HOUR, "28.02.2021 9:00|28.02.2021 24:00|01.03.2021 15:00|02.03.2021 6:00"),
    "%Y-%m-%d %H:%M:%S,000": (HOUR, "2021-02-28 23:00:00,000|2021-03-01 00:00:00,000"),
    "%H:%M %d.%m.%Y": (HOUR, "23:00 28.02.2021|00:00 01.03.2021|01:00 01.03.2021"),
    "%Y-%m-%d_%H-%M-%S": (HOUR, "2021-02-28_23-00-00|2021-03-01_00-00-00|2021-03-01_01-00-00"),
    "%-d %B %Y at %H:%M": (HOUR, "31 March 2021 at 23:00|1 April 2021 at 00:00|1 April 2021 at 01:00"),
    "%[de]a., %d.%m.%Y": (DAY_STEP, "So., 28.02.2021|Mo., 01.03.2021|Di., 02.03.2021"),
    "%Y:Q%q": (QUARTER, "2018:Q3|2018:Q4|2019:Q1"),
    "%d.%m.%y – %+6d(%d.%m.%y)": (
        WEEK,
        "15.01.18 – 21.01.18|22.01.18 – 28.01.18|29.01.18 – 04.02.18|05.02.18 – 11.02.18",
    ),
    "%Y-%m-%d - %+1month-1d(%Y-%m-%d)": (
        MONTH,
        "2020-01-01 - 2020-01-31|2020-02-01 - 2020-02-29|2020-03-01 - 2020-03-31|2020-04-01 - 2020-04-30|"
        "2020-05-01 - 2020-05-31",
    ),
    "%Y%m%d_%H%M": (HOUR, "20210228_2300|20210301_0000|20210301_0100"),
    # intervals
    "%d.%m.%Y %H:%M - %+1h(%d.%m.%Y %H:%M)": (
        HOUR,
        "31.12.2020 23:00 - 01.01.2021 00:00|01.01.2021 00:00 - 01.01.2021 01:00",
    ),
    "%Y-%m-%d %H:%M-%+15min(%H:%M)": (
        TimeStep(15, "minute"),
        "2021-01-31 23:30-23:45|2021-01-31 23:45-00:00|2021-02-01 00:00-00:15",
    ),
    "%Y-%m-%dT%H:%MZ/%+1h(%Y-%m-%dT%H:%MZ)": (
        HOUR,
        "2021-01-31T22:00Z/2021-01-31T23:00Z|2021-01-31T23:00Z/2021-02-01T00:00Z",
    ),
    "%Y-%m-%d - %+6d(%Y-%m-%d)": (
        WEEK,
        "2018-01-21 - 2018-01-27|2018-01-28 - 2018-02-03|2018-02-04 - 2018-02-10",
    ),
    "%Y-%m-%d to %+1month-1d(%Y-%m-%d)": (
        MONTH,
        "2020-01-01 to 2020-01-31|2020-02-01 to 2020-02-29|2020-03-01 to 2020-03-31|2020-04-01 to 2020-04-30",
    ),
}  # fmt: skip
