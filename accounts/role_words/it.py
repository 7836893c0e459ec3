"""Italian."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            acquisti, acquisto, approvvigionament*, compratore, compratrice, acquisitore,
            sviluppo fornitori""",
        "development": """
            ricerca e sviluppo, r&s, sviluppatore, sviluppatrice, sviluppo prodotto, sviluppo software,
            progettist*, progettazione, ufficio tecnico, direttore tecnico, direttrice tecnica,
            responsabile tecnico, ingegneria, programmatore, programmatrice, disegnator*""",
        "executive": """
            amministratore delegato, amministratrice delegata, amministratore unico, direttore generale,
            direttrice generale, presidente, titolare, legale rappresentante, fondatore, fondatrice,
            consigliere delegato""",
        "operations": """
            logistica, magazzin*, manutenzione, manutentor*, direttore di stabilimento,
            responsabile produzione, direttore di produzione, responsabile di produzione,
            direttore operativo, capo reparto, qualità fornitori""",
        "finance": """
            contabil*, finanziari*, finanza, tesorer*, controllo di gestione, ragionier*, commercialista""",
        "other": """
            vendit*, commerciale, sviluppo commerciale, sviluppo business, sviluppo aziendale,
            sviluppo risorse umane, sviluppo organizzativo, risorse umane, formazione, avvocat*,
            insegnante, docente""",
    },
    "loose": {
        "purchasing": "fornitori",
        "development": """
            ingegner*, sviluppo, ricerca, ricercat*, innovazione, tecnologi*, informatic*,
            responsabile laboratorio, responsabile di laboratorio, elettronic*, meccatronic*""",
        "operations": "produzione, qualità, operazioni, stabilimento, operaio, tecnici",
        "finance": "amministrazione, amministrativ*",
    },
    "engineer": {"development": "ingegnere, ingegneri, ingegnera"},
    "rank": {
        "executive": "direttore, direttrice, vicepresidente, socio",
    },
    "aide": {"other": "assistente, segretari*"},
}
