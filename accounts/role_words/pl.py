"""Polish."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            zakup*, kupiec, kupca, zaopatrzeni*, zaopatrzeniow*, rozwoju dostawców, rozwój dostawców""",
        "development": """
            badań i rozwoju, badania i rozwój, b+r, rozwoju produktu, rozwój produktu, programist*,
            konstruktor*, projektant*, deweloper oprogramowania, rozwoju oprogramowania,
            dyrektor techniczny, kierownik techniczny, biuro konstrukcyjne, biura konstrukcyjnego,
            architekt oprogramowania, tester oprogramowania, inżynier mechanik""",
        "executive": """
            prezes*, członek zarządu, zarząd, zarządu, dyrektor generalny, dyrektor naczelny,
            dyrektor zarządzający, właściciel*, współwłaściciel*, założyciel*, prokurent*""",
        "operations": """
            logisty*, magazyn*, utrzymani*, dyrektor zakładu, kierownik zakładu, kierownik produkcji,
            dyrektor produkcji, dyrektor operacyjny, jakości dostawców, mistrz produkcji, mistrz zmiany,
            dyrektor fabryki, mechanik, brygadzist*, serwisant*""",
        "finance": "księgow*, finans*, kontroling*, skarbnik*, podatk*",
        "other": """
            sprzedaż*, handlow*, rozwoju biznesu, rozwój biznesu, rozwoju osobistego, nieruchomości,
            deweloper*, zasobów ludzkich, kadr*, szkole*, prawnik*, radca prawny, nauczyciel*""",
    },
    "loose": {
        "purchasing": "dostawców, zamówień publicznych, zamówienia publiczne",
        "development": """
            inżynier*, rozwoju, rozwój, technolog, badacz*, automatyk*, menedżer produktu,
            kierownik produktu, badań, badania, innowacj*, techniczny, techniczna""",
        "operations": "produkcj*, jakości, jakość, operacyjn*, łańcuch*",
    },
    "engineer": {"development": "inżynier, inżynierowie"},
    "rank": {
        "executive": "dyrektor*, wiceprezes*",
    },
    "aide": {"other": "asystent*, sekretark*, sekretarz*"},
}
