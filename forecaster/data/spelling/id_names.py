"""How people call columns of ids, in English, German, French, Spanish, Italian and Portuguese."""

import re

FOREIGN_IDS = (
    "filiale|laden|artikel|produkt|kunde|ger[äa]t|standort|messstelle|z[äa]hler|maschine|anlage|nummer|lager"
    "|magasin|article|produit|client|capteur|appareil|entrep[ôo]t|usine"
    "|tienda|almac[ée]n|art[íi]culo|producto|sucursal|cliente|estaci[óo]n|equipo|m[áa]quina|planta"
    "|negozio|prodotto|articolo|stazione|sensore|magazzino|loja|produto|armaz[ée]m"
)
# Decides between numbers that tell the same series apart.
ID_NAME = re.compile(
    r"(?i:(.*[\W_])?(id|key|nr|nbr|no|num|number|code|store|shop|item|product|sku|series|sensor|station|site"
    r"|dept|department|branch|machine|device|meter|customer|client|user|person|individual|patient|subject|household"
    r"|firm|company|bank|school|hospital|farm|plot|tree|animal|herd|country|region|state|county|city|district"
    r"|zip|zip_?code|post_?code|plz|asset|unit|plant|turbine|vehicle|host|node|team|player"
    rf"|{FOREIGN_IDS}))|.*[a-z]I[dD]"
)
