"""Dutch."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            *inkoop*, *inkoper*, inkoopster, *leveranciersmanage*, *leveranciersontwikkel*, verwerving""",
        "development": """
            *ontwikkelaar*, *productontwikkel*, *softwareontwikkel*, *onderzoek en ontwikkeling*,
            *constructeur*, technisch directeur, technisch manager, hoofd techniek, *programmeur*,
            engineeringmanager""",
        "executive": """
            algemeen directeur, directievoorzitter, bestuurder, bestuursvoorzitter, eigenaar,
            eigenaresse, oprichter, zaakvoerder, raad van bestuur, dga, directielid, directie""",
        "operations": """
            bedrijfsleider, *logistiek*, *magazijn*, *onderhoud*, *fabrieksdirecteur*, *productieleid*,
            *productiemanager*, *bedrijfsbureau*, hoofd productie, *werkvoorbereid*,
            *leverancierskwaliteit*, technische dienst, operationeel directeur, *monteur*""",
        "finance": "*boekhoud*, *financieel*, *financiën*, *financiele*, *accountancy*, hoofd administratie",
        "other": """
            *verkoop*, *verkoper*, commercieel*, commerciele*, *bedrijfsontwikkel*, *businessontwikkel*,
            *vastgoed*, *projectontwikkelaar*, *gebiedsontwikkel*, *personeel*, *organisatieontwikkel*,
            *talentontwikkel*, *docent*, *jurist*, *advocaat*""",
    },
    "loose": {
        "purchasing": "*leverancier*, *aanbesteding*",
        "development": """
            *ingenieur*, *ontwikkel*, *onderzoek*, *ontwerp*, *techniek*, *innovatie*, *tekenaar*,
            *productmanager*, *systeemarchitect*, *softwarearchitect*, *technoloog*, technisch
            projectleider, technisch projectmanager""",
        "operations": "*productie*, *kwaliteit*, *toeleveringsketen*, *technicus*",
    },
    "engineer": {"development": "*engineer, *engineers"},
    "rank": {
        "executive": "*directeur*, *directrice*",
    },
    "aide": {"other": "*secretaresse*"},
}
