"""German."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            *einkauf*, *beschaffung*, beschaffer*, *lieferantenmanage*, *lieferantenentwickl*,
            *lieferantenbetreu*, *auftragsvergabe*, öffentliches auftragswesen,
            das öffentliche auftragswesen, öffentliche aufträge, *vergabestelle*, *vergabemanage*,
            *käufer*, *ankauf*, *zukauf*, leiter vergabe""",
        "development": """
            *entwickl*, *forschung*, *forscher*, f&e, f und e, *konstrukteur*, *konstruktion*,
            *programmierer*, leiter technik, leiterin technik, leitung technik, technische leitung,
            technischer leiter, technische leiterin, techn leiter*, techn leitung,
            bereichsleiter technik, technikleit*, technischer direktor, *produktmanage*,
            *softwareingenieur*, *versuchsleit*, *softwaretest*""",
        "executive": """
            *geschäftsführ*, *geschäftsleit*, vorstand, vorständin, vorstandsvorsitz*,
            vorstandsmitglied*, mitglied des vorstands, gf, vorsitzende*, inhaber*, *gesellschafter*,
            gründer*, unternehmensleit*, generaldirektor*, aufsichtsrat*, präsident*""",
        "operations": """
            *betriebsleit*, *werkleit*, *werksleit*, *produktionsleit*, *fertigungsleit*,
            leiter produktion, leiterin produktion, leiter fertigung, leiter werk, leiterin werk,
            *logistik*, *lagerleit*, *lagerist*, *instandhalt*, *wartung*, *disponent*, *disposition*,
            *arbeitsvorbereit*, *qualitätsmanage*, *qualitätsleit*, *qualitätssicher*, *qualitätsprüf*,
            *lieferantenqualität*, *schichtleit*, *monteur*, *servicetechnik*, *mechaniker*, *schlosser*,
            *elektriker*, *elektroniker*, *mechatroniker*, *installateur*, *metalltechnik*,
            *feinwerktechnik*, aufsichtskraft*, *metallbauer*, *konstruktionsmechanik*,
            *schnittkonstrukt*""",
        "finance": """
            *buchhalt*, kaufmännischer leiter, kaufmännische leiterin, kaufmännische leitung,
            kaufm leit*, *rechnungswesen*, *bilanz*, *finanz*, *steuerberat*, *steuerfach*, *kreditoren*,
            *debitoren*, *wirtschaftsprüf*, *revisor*, *revision*""",
        "other": """
            *vertrieb*, *verkauf*, *verkäuf*, *außendienst*, *geschäftsentwickl*,
            *geschäftsfeldentwickl*, *personalentwickl*, *organisationsentwickl*, *unternehmensentwickl*,
            *stadtentwickl*, *regionalentwickl*, *immobilien*, *grundstücksentwickl*, *standortentwickl*,
            *marktentwickl*, *marktforsch*, *markforsch*, *kundenentwickl*, *handelsentwickl*,
            *fremdenverkehr*, *mitarbeiterentwickl*, *führungskräfteentwickl*, *meinungsforsch*,
            *verhaltensforsch*, *kulturforsch*, *politikforsch*, *bildungsforsch*, *sozialforsch*,
            *wirtschaftsforsch*, *ahnenforsch*, *sterbeforsch*, *wirtschaftsförder*, *lehrplan*,
            *lernmaterial*, *filmentwickl*, *personalleit*, *personalreferent*, *personalwesen*,
            *personalabteil*, personal, *lehrer*, *lehrkraft*, *lehrbeauftragt*, *dozent*, professor*,
            *ausbilder*, *trainer*, *jurist*, *rechtsanwalt*, *rechtsanwält*, *justiziar*, *journalist*,
            *fotograf*, handelsvertret*, *teamentwickl*, *kundendienst*, *kundenservice*,
            *einkaufsbegleit*, persönliche einkäufer*, persönlicher einkäufer, *wohnungsbeschaff*,
            *familienbeschaff*, *tierarzt*, *tierärzt*, *tierpfleg*""",
    },
    "loose": {
        "purchasing": "*warengruppe*, *lieferanten*, *kategoriemanag*, kategorie spezialist*",
        "development": """
            *ingenieur*, dipl ing, it leiter*, it leitung, leiter it, leiterin it, *informatiker*,
            *informatik, *innovation*, technischer zeichner, technische zeichner*, *bauzeichner*,
            *konstruktionszeichner*, *systemarchitekt*, *softwarearchitekt*, *netzwerkarchitekt*,
            *datenarchitekt*, it architekt*, ikt architekt*, *laborleit*, *versuch, *produktdesign*,
            *softwareprüf*, systemanaly*, it berat*, ikt berat*, zeichner*, *elektrozeichner*,
            bautechnischer zeichner, datenwissenschaftler*, wissenschaftlicher leiter,
            wissenschaftliche leiter*, it prüf*, it systemprüf*, schiffsarchitekt*, *produktleit*,
            *produktverantwort*, *datenanaly*, benutzererfahrung, *homologation*, *optoelektronik*,
            *konfigurator*, it business analy*, ict business analy*, *systemintegration*,
            *telekommunikationsanaly*, it testanaly*, *softwareänderung*, vorausschauende wartung,
            vorausschauende instandhaltung, industrie 4.0, *intelligente fertigung,
            *intelligente produktion, technischer projektleit*, technische projektleit*, *prüffeld*,
            wissenschaftlicher direktor, wissenschaftliche direktorin""",
        "operations": """
            *produktion*, *fertigung*, *qualität*, *materialwirtschaft*, *planer*, *planung*, *lager,
            *versand*, *montage*, *meister, *meisterin, *betrieb, *arbeitssicherheit*, *techniker,
            *technikerin, *aufseher*, qm, qs, *hersteller*, *fertiger*, *prüftechnik*""",
        "finance": "*controlling*, *controller*",
        "other": """
            *toningenieur*, *militär*, *flugingenieur*, *bordingenieur*, *glücksspiel*, *händler*,
            *kaufmann*, *kauffrau*, *administrator*, *kundenbetreu*, *universitätsassist*,
            *hochschulassist*, *instruktor*, *schulungskraft*, *schulungskräft*, *geschäftes,
            bankprodukt*, bank produkt*, *stadtteil*, *medienforsch*, *hörgerät*, *hörakustik*,
            *orthopädietechnik*""",
    },
    "faint": {
        "development": """
            *technolog*, technik, *technik, *designer, *designerin, *elektronik*, *mechatronik*,
            *antrieb*, *zuverlässigkeit*, *telekommunikation*, *sensorik*, *optik*, *photonik*,
            *robotik*, *roboter*, *automatisierung*, *antennen*, *satelliten*, *benutzerschnitt*,
            *benutzeroberfl*, *thermodynam*, *aerodynam*, *getriebe*, *cloud*, *netzwerkplan*,
            *netzplan*, *hydraulik*, *pneumatik*, *akustik*, *simulation*, *halbleiter*, *schaltung*,
            *mikrosystem*, *photovoltaik*, *windenergie*, *windkraft*, solarenergie*, solaranlage*,
            *geotherm*, *werkstoff*, *batterie*, ikt, *hardware*, *software*, *computerlinguist*,
            konfigurationsmanage*, *umwelttechn*, *umweltexpert*, maschinenbau, leiter mechanik,
            leitung mechanik, gruppenleiter mechanik, teamleiter mechanik, künstliche intelligenz""",
        "operations": "fachkraft*",
        "other": """
            *sprachwissen*, *philosoph*, *theolog*, *religion*, *kriminolog*, *politik*, *kultur*,
            *musik*, *theater*, *soziolog*, *psycholog*, *histori*, *archäolog*, *anthropolog*,
            *medizinisch*, *klinisch*, *krankenhaus*, *floral*, *blumen*, *kostüm*, *maskenbild*,
            *verhaltens*, *lichtdesign*, *grafik*, *webdesign*, *schmuck*, *modedesign*, *videodesign*,
            *animation*, *innenarchit*, *produktionsdesign*, *szenenbild*, *bühnenbild*, *assistive*,
            *assistierend*, *assistenztechnologie*, *bildungstechnolog*, *medientechnolog*, *tontechnik*,
            *veranstaltungstechnik*, *pädagogisch*, *instruktion*, *optiker*, *akustiker*, *bank*""",
    },
    "rank": {
        "executive": "*direktor*, *bereichsvorstand*, prokurist*",
    },
    "aide": {"other": "*assistent*, *assistenz*, *sekretär*, *sekretariat*"},
}
