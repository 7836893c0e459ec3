"""The words of job titles, by language, strength and function: what `accounts.roles` reads.

To add a language, write one more table and name it in `LANGUAGES`. Nothing else is needed.

An entry is a word or several, with commas between entries. A star leaves an end open: `purchas*` begins a
word, `*einkauf*` stands anywhere in one; Chinese and Japanese entries stand anywhere without a star. Case,
accents, umlauts and their spellings as ae, oe, ue do not matter, nor do small words such as "and", "of",
"de". The longest entry wins its place, so an exception is a longer entry: `business develop*` is `other`
beside `develop*`. An open entry is read in every language: keep it long enough to stand in no other
language's words.

`firm` entries name a function; `loose` ones only lean to it and yield to a department; `faint` ones depend on
their field (a designer of circuits, of jewellery), whose words stand beside them; `rank` names none;
`aide` entries are whoever assists a head and is none.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.roles import Function, Strength

Words = Mapping["Strength", Mapping["Function", str]]

ENGLISH: Words = {
    "firm": {
        "purchasing": """
            buyer, buyers, buying, purchas*, procure*, sourcing, sourcer, supplier development,
            supplier manag*, supplier relation*, supplier select*, vendor manager, vendor relation*,
            supply agent, supply officer, supply specialist, chief procurement officer,
            chief purchasing officer""",
        "development": """
            r&d, r&d&i, rnd, research and development, research and innovation, developer*,
            development engineer*, product development, product engineer*, product innovation,
            software develop*, software engineer*, software architect*, software design*,
            software test*, hardware engineer*, hardware develop*, hardware design*, firmware, embedded,
            systems engineer*, design engineer*, product manage*, product owner*, head of product,
            vp product, head of engineering, engineering manager, engineering director,
            director of engineering, vp engineering, technical director, technical manager,
            technical lead, technical leader, tech lead, programmer*, devops, asic, fpga, prototyp*,
            chief engineer, chief architect, chief scientist, new product introduction, npi""",
        "executive": """
            ceo, c.e.o., cto, c.t.o., cfo, c.f.o., coo, c.o.o., cio, cdo, ciso, cso, cco, cmo, chro,
            c level, c suite, chief executive*, chief technology officer, chief technical officer,
            chief financial officer, chief finance officer, chief operating officer,
            chief operations officer, chief information officer, chief digital officer,
            chief data officer, chief product officer, chief commercial officer,
            chief marketing officer, chief strategy officer, chief innovation officer,
            chief scientific officer, chief supply chain officer, chief revenue officer,
            chief risk officer, chief human resources officer, chief people officer,
            chief administrative officer, managing director*, executive director, general manager,
            president, chairman, chairwoman, chairperson, founder, co founder, cofounder, owner,
            business owner, proprietor, board member, member of the board, board of directors,
            management board, executive board, executive committee, managing partner, company director""",
        "operations": """
            logistic*, warehous*, maintenance, facility manag*, facilities, supplier quality*, sqe,
            plant manager, plant director, works manager, factory manager, factory director,
            production manager, production supervisor, production planner, production planning,
            production control*, manufacturing manager, operations manager, operations director,
            head of operations, head of production, head of manufacturing, inventory, material planner,
            materials planner, supply planner, demand planner, shop floor, shipping, dispatch*,
            distribution manager, field service*, service engineer*, quality manage*, quality control*,
            quality inspect*, site manager, operator*, operative*, worker*, labourer*, laborer*,
            assembler*, machinist*, mechanic, mechanics, fitter*, welder*, electrician*, repairer*,
            repairman, installer*, inspector*, foreman, cnc programmer*, flight engineer*,
            maritime engineer*, ship engineer*, duty engineer*, network technician*""",
        "finance": """
            accountant*, accounting, accounts payable, accounts receivable, purchase ledger,
            purchasing ledger, bookkeep*, finance, financial, fp&a, treasur*, controlling, payroll, tax,
            auditor*""",
        "other": """
            sales*, presales, seller*, account manager*, account executive*, account director,
            key account*, bizdev*, corporate develop*, customer develop*, client develop*,
            partner develop*, channel develop*, franchise develop*, l&d, mergers and acquisitions,
            land acquisition*, library acquisition*, business develop*, marketing, merchandis*, retail*,
            rental*, import*, export*, brand, advertis*, market research*, market develop*,
            category develop*, trade develop*, media buy*, media and advertising buy*, media planner*,
            press buy*, radio buy*, tv buy*, space buy*, media space buy*, personal shopper*,
            human resource*, hr, talent, recruit*, learning and development, training and development,
            staff development, personal development, people development, skills development,
            organisation development, organization development, organisational develop*,
            organizational develop*, leadership development, career development,
            professional development, community develop*, property develop*, land develop*,
            enterprise develop*, e business develop*, ebusiness develop*, e commerce develop*,
            office develop*, house develop*, speculative develop*, shop manager*, store manager*,
            superstore*, real estate*, estate develop*, housing develop*, urban develop*,
            rural develop*, regional develop*, economic develop*, international develop*,
            destination develop*, sports develop*, social develop*, curriculum develop*,
            course develop*, content develop*, elearning*, e learning*, instructional*,
            child development, youth development, fund development, customer success, customer service*,
            public relations, legal, lawyer*, counsel, attorney*, solicitor*, teacher*, lecturer*,
            professor*, instructor*, trainer*, tutor*, nurse*, physician*, journalist*,
            film develop*""",
    },
    "loose": {
        "purchasing": """
            category manage*, category lead, category specialist, category director, commodity manager,
            commodity lead, commodity specialist, cpo, tendering, vendor management, supply manager,
            supply management""",
        "development": """
            engineer, engineers, engineering, eng, fae, develop*, innovation*, software, hardware,
            product director*, it manager*, it director*, head of it, it lead, draught*, drafts*,
            drafter*, drafting, cad, metallurg*, homologation, automation, robotic*, photonic*,
            optoelectronic*, microelectronic*, electromechanic*, mechatronic*, nano*,
            medical technology, medical instrument*, electro mechanic*, application tester*,
            unit tester*, module tester*, system tester*, systems tester*, naval architect*,
            marine architect*, application architect*, head of laboratory, laboratory manager,
            laboratory head, lab manager, scientific director, science director, bioengineer*,
            medical device*, system architect*, systems architect*, solution architect*,
            solutions architect*, enterprise architect*, network architect*, data architect*,
            ict architect*, it architect*, cloud architect*, security architect*, technical architect*,
            ict consultant*, it consultant*, ict system*, system analyst*, systems analyst*,
            system integration*, systems integration*, integration consultant*, data analyst*,
            ict business analyst*, it business analyst*, ict test*, it test*, game tester*,
            games tester*, accessibility tester*, user experience, user interface, usability, ux, ui,
            computer vision, telecommunications analyst*, telecommunications consultant*, configurator*,
            app coder*""",
        "operations": """
            operations, production, manufactur*, plant, quality, supply chain*, supply chain engineer*,
            materials, planner*, planning, transport*, fleet, assembly, process*, lean,
            continuous improvement, safety, ehs, hse, mro, scm, qa""",
        "finance": "controller*, audit, investor*, credit",
        "other": """
            gambling*, betting*, lottery*, military engineer*, army engineer*, combat engineer*,
            sound engineer*, audio engineer*, recording engineer*, studio engineer*, second engineer*,
            third engineer*""",
    },
    "faint": {
        "development": "technology, technologies, technologist*, scientist*, research*, design, designer*",
        "operations": "technician*",
        "other": """
            social*, linguist*, language*, philosoph*, theolog*, religio*, criminolog*, behaviour*,
            behavior*, gender*, political*, humanities, cultur*, art, arts, music*, dance*,
            choreograph*, media, tattoo*, floral*, make up*, hair*, wig*, puppet*, costume*, event*,
            exhibit*, dental*, surgeon*, optician*, optometr*, audiolog*, radiograph*, hospital*,
            patient*, therap*, nutrition*, diet*, athletic*, sport*, sociolog*, archaeolog*,
            anthropolog*, economics, literary, literature, demograph*, psycholog*, policy, politic*,
            genealog*, family tree, histor*, opinion, securities, archiv*, criminal*, forensic*,
            business research*, research interview*, intelligence research*, cartograph*, gemmolog*,
            museum*, customs, thanatolog*, information scientist*, education*, school*, training*,
            assistive, special needs, clinical*, medical*, biomedical*, veterinar*, animal*,
            prosthetic*, blood*, health, fashion*, jewel*, interior*, graphic*, sound*, audio visual*,
            recording*, broadcasting*, video design*, projection design*, animation*, stage*, scenic*,
            set design*, theatre*, theater*, prop design*, property design*, mask*, production design*,
            exhibition*, display design*, visual design*, spatial*, web design*, website design*,
            digital design*, photo design*, pattern*, painter*, artist*, knit*, library, tourism*,
            banking*, biology*, chemistry technolog*, lighting""",
    },
    "rank": {
        "executive": """
            director, vice president, assistant vice president, vp, svp, evp, avp, partner, principal,
            board""",
    },
    "aide": {"other": "assistant*, secretar*, pa, ea"},
}

GERMAN: Words = {
    "firm": {
        "purchasing": """
            *einkauf*, *beschaffung*, beschaffer*, *lieferantenmanage*, *lieferantenentwickl*,
            *lieferantenbetreu*, *auftragsvergabe*, öffentliches auftragswesen,
            das öffentliche auftragswesen, öffentliche aufträge, *vergabestelle*, *vergabemanage*,
            *rohkaffeekäuf*, leiter vergabe""",
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
            *elektriker*, fachkraft*, *elektroniker*, *mechatroniker*, *installateur*, *metalltechnik*,
            *feinwerktechnik*, aufsichtskraft*, *metallbauer*, *konstruktionsmechanik*,
            *schnittkonstrukt*""",
        "finance": """
            *buchhalt*, kaufmännischer leiter, kaufmännische leiterin, kaufmännische leitung,
            *rechnungswesen*, *bilanz*, *finanz*, *steuerberat*, *steuerfach*, *kreditoren*,
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
        "purchasing": "*warengruppe*, *lieferanten*",
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
            *telekommunikationsanaly*, it testanaly*, *softwareänderung*""",
        "operations": """
            *produktion*, *fertigung*, *qualität*, *materialwirtschaft*, *planer*, *planung*, *lager,
            *versand*, *montage*, *meister, *meisterin, *betrieb, *arbeitssicherheit*""",
        "finance": "*controlling*, *controller*",
        "other": "*toningenieur*, *militär*, *flugingenieur*, *bordingenieur*, *glücksspiel*",
    },
    "faint": {
        "development": "*technolog*, technik, *technik, *designer, *designerin",
        "operations": "*techniker, *technikerin",
        "other": """
            *sprachwissen*, *philosoph*, *theolog*, *religion*, *kriminolog*, *politik*, *kultur*,
            *musik*, *theater*, *soziolog*, *psycholog*, *histori*, *archäolog*, *anthropolog*,
            *medizinisch*, *klinisch*, *krankenhaus*, *floral*, *blumen*, *kostüm*, *maskenbild*,
            *verhaltens*, *lichtdesign*, *grafik*, *webdesign*, *schmuck*, *modedesign*, *videodesign*,
            *animation*, *innenarchit*, *produktionsdesign*, *szenenbild*, *bühnenbild*, *assistive*,
            *assistierend*, *assistenztechnologie*, *bildungstechnolog*, *medientechnolog*,
            *tontechnik*, *veranstaltungstechnik*, *pädagogisch*, *instruktion*, *bank*""",
    },
    "rank": {
        "executive": "*direktor*, *bereichsvorstand*, prokurist*",
    },
    "aide": {"other": "*assistent*, *assistenz*, *sekretär*, *sekretariat*"},
}

SPANISH: Words = {
    "firm": {
        "purchasing": """
            compras, compra, comprador*, adquisicion*, aprovisionamiento*, abastecimiento,
            contratación pública, proveedores, desarrollo de proveedores, licitacion*,
            jefe del departamento de contratación, jefa del departamento de contratación""",
        "development": """
            desarrollador*, i+d, i+d+i, investigación y desarrollo, desarrollo de producto*,
            desarrollo de software, desarrollo tecnológico, programador*, ingeniería, director técnico,
            directora técnica, jefe técnico, jefa técnica, dirección técnica, ingeniero de desarrollo,
            ingeniera de desarrollo, ingeniero de diseño, ingeniera de diseño, delineante*, proyectista*""",
        "executive": """
            director general, directora general, dirección general, gerente general, consejero delegado,
            consejera delegada, director ejecutivo, directora ejecutiva, presidente, presidenta,
            propietari*, fundador*, dueño, dueña, administrador único, director gerente,
            directora gerente, socio director, consejo de administración""",
        "operations": """
            logístic*, almacen*, mantenimiento, jefe de producción, jefa de producción, jefe de planta,
            jefa de planta, director de planta, directora de planta, director de producción,
            directora de producción, director de operaciones, directora de operaciones,
            gerente de planta, gerente de producción, jefe de calidad, jefa de calidad,
            calidad de proveedores, cadena de suministro, cadena de abastecimiento,
            agua de abastecimiento, director de distribución, operador*, operari*, montador*""",
        "finance": """
            contable, contables, contabilidad, contador*, finanz*, financier*, tesorer*,
            auditor de cuentas, fiscal, nóminas""",
        "other": """
            ventas, vendedor*, comercial*, marketing, mercadotecnia, desarrollo de negocio*,
            desarrollo comercial, desarrollo personal, desarrollo organizacional,
            desarrollo organizativo, desarrollo de talento, desarrollo del talento,
            desarrollo profesional, desarrollo comunitario, desarrollo rural, desarrollo local,
            desarrollo urbano, desarrollo económico, desarrollo inmobiliario, desarrollo humano,
            formación y desarrollo, inmobiliari*, investigación de mercado*, recursos humanos, rrhh,
            adquisición de talento, abogad*, profesor*, docente*, formador*, instructor*, médico, médica,
            enfermer*, periodista*, fotógraf*, fusiones y adquisiciones, adquisición de terrenos,
            adquisiciones bibliotec*, compra y venta, compra venta, compraventa, opción a compra,
            compras personales, compras de medios, compras de espacios, publicidad, importación,
            exportación, atención al cliente, e learning, aprendizaje electrónico""",
    },
    "loose": {
        "purchasing": "suministros, categorías, especialista de categoría",
        "development": """
            ingenier*, desarroll*, innovación, arquitecto de sistemas, arquitecta de sistemas,
            arquitecto naval, arquitecta naval, arquitecto de aplicaciones, arquitecta de aplicaciones,
            arquitecto de soluciones, arquitecta de soluciones, probador de aplicaciones,
            probadora de aplicaciones, ingeniero biomédico, ingeniera biomédica, arquitecto de software,
            arquitecta de software, arquitecto de red*, arquitecta de red*, arquitecto tic,
            arquitecta tic, probador de software, probadora de software, probador de sistemas,
            probadora de sistemas, probador tic, accesibilidad, usabilidad, software,
            científico de datos, científica de datos, consultor tic, consultora tic, consultor de tic,
            consultora de tic, analista de sistemas, analistas de sistemas, analizador de sistemas,
            analista de datos, analistas de datos, integración de sistemas, integración de aplicaciones,
            integración del sistema, visión artificial, visión por computadora, configurador*,
            analista de telecomunicaciones, analista de negocios tic, dibujante técnic*, bioingenier*,
            homologacion*, product manager, gestor de producto, gestora de producto, jefe de producto*,
            jefa de producto*, director de producto*, directora de producto*, responsable de producto*""",
        "finance": "costes, créditos",
        "other": """
            ingeniero de vuelo, ingeniera de vuelo, ingeniero de sonido, ingeniera de sonido, militar*,
            ejército""",
    },
    "faint": {
        "development": """
            diseño, diseñador*, investigación, investigaciones, investigador*, tecnología, tecnologías,
            tecnólog*""",
        "operations": """
            producción, operaciones, fabricación, planta, calidad, suministro, planificador*,
            transporte*, seguridad, procesos, técnico, técnica""",
        "other": """
            lingüist*, filosof*, filósof*, teolog*, teólog*, religio*, criminolog*, polític*,
            antropolog*, antropólog*, sociolog*, sociólog*, psicolog*, psicólog*, histori*, arqueolog*,
            arqueólog*, econom*, jurídic*, cultur*, música*, musical*, danza, teatr*, cine, peluquer*,
            maquillaje, vestuario, floral*, clínic*, hospital*, paciente*, deport*, demograf*,
            demógraf*, comportamiento, gráfic*, iluminación, interiores, joyas, moda, decorados,
            escénic*, escena, vídeo, máscaras, web design*, diseñador web, diseñadora web, diseño web,
            diseñador de producción, diseñadora de producción, educativ*, enseñanza, didáctic*,
            instruccional, instructiv*, asistencial, necesidades especiales, sociales, social, criminal,
            fraude*, literatura, biomédic*, veterinari*, marketing digital, turístic*, bancari*""",
    },
    "rank": {
        "executive": "director, directora, vicepresident*, socio, socia",
    },
    "aide": {"other": "asistente*, secretari*"},
}

CHINESE: Words = {
    "firm": {
        "purchasing": """
            采购, 採購, 采买, 购买部, 寻源, 买手, 採買, 招采, 供应商管理, 供應商管理, 供应商开发,
            供應商開發, 首席采购官, 物资部, 采办""",
        "development": """
            研发, 研發, 研究, 开发, 開發, 研制, 软件, 軟體, 软体, 硬件, 硬體, 固件, 嵌入式, 算法,
            演算法, 架构师, 架構師, 技术总监, 技術總監, 技术经理, 技術經理, 技术负责人, 技术部,
            技术中心, 技術部, 总工程师, 總工程師, 总工, 总设计师, 首席工程师, 首席科学家, 首席架构师,
            程序员, 程式設計, 产品经理, 產品經理, 产品总监, 产品部, 结构设计, 机械设计, 电路设计,
            产品设计, 研发中心, 实验室, 设计院""",
        "executive": """
            总经理, 總經理, 总裁, 總裁, 董事, 董事长, 董事長, 首席, 老板, 创始人, 創始人, 创办人,
            法人代表, 企业主, 执行长, 執行長, 营运长, 財務長, 技術長""",
        "operations": """
            供应商质量, 供應商品質, 物流, 仓储, 仓库, 倉儲, 倉庫, 售后, 售後, 厂长, 廠長, 生产经理,
            生产总监, 生产部, 生产主管, 生產經理, 运营总监, 运营经理, 设备维护, 维修, 維修, 车间,
            計劃員, 计划员, 调度""",
        "finance": "财务, 財務, 会计, 會計, 出纳, 审计, 審計, 税务, 成本控制, 资金, 首席会计",
        "other": """
            商务, 商務, 业务, 業務, 行政, 招商, 销售, 銷售, 业务开发, 業務開發, 业务发展, 业务拓展,
            業務拓展, 商务拓展, 商务开发, 市场开发, 市場開發, 市场研究, 市场, 市場, 客户开发, 客戶開發,
            渠道开发, 房地产开发, 房地产, 地产开发, 土地开发, 人才发展, 人才开发, 人力资源, 人力資源,
            人事, 培训, 课程开发, 售前, 营销, 行銷, 法务, 法務, 律师, 教师, 老师, 讲师, 教授, 客服,
            公关, 记者, 编辑, 投资者关系""",
    },
    "loose": {
        "purchasing": "品类经理, 品类管理, 品類, 招标, 供应商, 供應商",
        "development": """
            工程师, 工程師, 工程, 技术, 技術, 设计, 設計, 测试, 測試, 产品, 創新, 创新, 科学家, 技术支持""",
        "operations": """
            生产, 生產, 运营, 營運, 制造, 製造, 供应链, 供應鏈, 质量, 品质, 質量, 品質, 品保, 质检,
            设备, 计划, 物料, 物控, 工艺员, 安全, 现场, 维护, 操作""",
    },
    "rank": {
        "executive": "总监, 總監, 副总裁, 副總裁, 副总, 副總, 副总经理, 副總經理, 合伙人",
    },
    "aide": {"other": "助理, 秘书, 总裁办, 总经理办公室, 董事会办公室"},
}

FRENCH: Words = {
    "firm": {
        "purchasing": """
            achat, achats, acheteur*, acheteuse*, approvisionn*, développement fournisseur*,
            relations fournisseurs, gestion fournisseurs, marchés publics, sourceur*""",
        "development": """
            r et d, recherche et développement, développeur*, développeuse*, développement produit*,
            développement logiciel*, bureau d'études, bureau d'étude, directeur technique,
            directrice technique, responsable technique, ingénierie, concepteur*, conceptrice*,
            programmeur*, logiciel*, dessinateur*, dessinatrice*, projeteur*""",
        "executive": """
            pdg, p.d.g., directeur général, directrice générale, direction générale, président,
            présidente, gérant, gérante, fondateur*, fondatrice*, propriétaire, chef d'entreprise,
            dirigeant*, dg, daf""",
        "operations": """
            logistique*, entrepôt, magasinier*, maintenance, directeur d'usine, directrice d'usine,
            chef d'atelier, directeur de site, responsable production, responsable de production,
            directeur de production, directeur des opérations, qualité fournisseur*, chef de production""",
        "finance": """
            comptab*, financ*, trésor*, contrôleur de gestion, contrôle de gestion,
            commissaire aux comptes""",
        "other": """
            commercial*, vente*, vendeur*, vendeuse*, développement commercial,
            développement des affaires, développement des compétences, développement rh,
            développement personnel, développement immobilier, développement durable,
            développement local, formation, formateur*, ressources humaines, rh, juridique, avocat*,
            enseignant*, promoteur*""",
    },
    "loose": {
        "purchasing": "fournisseur*, acheminement, catégorie*",
        "development": """
            ingénieur*, ingénieure*, développement, études, recherche, chercheur*, innovation,
            conception, technique, informatique, chef de produit""",
        "operations": """
            production, qualité, opérations, usine, exploitation, technicien*, atelier, supply, méthodes""",
        "finance": "contrôleur",
    },
    "rank": {
        "executive": "directeur, directrice, vice président, vice présidente, associé",
    },
    "aide": {"other": "secrétaire*"},
}

ITALIAN: Words = {
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
            direttrice generale, presidente, titolare, fondatore, fondatrice, consigliere delegato""",
        "operations": """
            logistica, magazzin*, manutenzione, direttore di stabilimento, responsabile produzione,
            direttore di produzione, responsabile di produzione, direttore operativo, capo reparto,
            qualità fornitori""",
        "finance": """
            contabil*, finanziari*, finanza, tesorer*, controllo di gestione, ragionier*, commercialista""",
        "other": """
            vendit*, commerciale, sviluppo commerciale, sviluppo business, sviluppo aziendale,
            sviluppo risorse umane, sviluppo organizzativo, risorse umane, formazione, avvocat*,
            insegnante, docente""",
    },
    "loose": {
        "purchasing": "fornitori",
        "development": "ingegner*, sviluppo, ricerca, ricercat*, innovazione, tecnologi*, informatic*",
        "operations": "produzione, qualità, operazioni, stabilimento, operaio",
        "finance": "amministrazione",
    },
    "faint": {"operations": "tecnico"},
    "rank": {
        "executive": "direttore, direttrice, vicepresidente, socio",
    },
    "aide": {"other": "assistente, segretari*"},
}

PORTUGUESE: Words = {
    "firm": {
        "purchasing": """
            compras, comprador*, aquisições, aquisição, suprimentos, aprovisionamento*,
            desenvolvimento de fornecedores, gestão de fornecedores, licitações, procurement""",
        "development": """
            p&d, pesquisa e desenvolvimento, investigação e desenvolvimento, desenvolvedor*,
            programador*, desenvolvimento de produto*, desenvolvimento de software, engenharia,
            diretor técnico, diretora técnica, responsável técnico, projetista*, desenhador*""",
        "executive": """
            diretor geral, diretora geral, director geral, diretor executivo, diretora executiva,
            presidente, administrador delegado, sócio gerente, gerente geral, proprietári*, fundador*,
            dono""",
        "operations": """
            logístic*, armazém, manutenção, gerente de produção, gerente de fábrica, diretor de fábrica,
            diretor industrial, diretor de operações, qualidade de fornecedores, chefe de produção,
            almoxarif*""",
        "finance": "contabil*, contador*, financeir*, tesourari*, controladoria, contas a pagar",
        "other": """
            vendas, vendedor*, comercial*, desenvolvimento de negócio*, desenvolvimento comercial,
            desenvolvimento humano, desenvolvimento organizacional, desenvolvimento de pessoas,
            desenvolvimento imobiliário, recursos humanos, advogad*, professor*""",
    },
    "loose": {
        "purchasing": "fornecedores",
        "development": "engenheir*, desenvolvimento, pesquisa, pesquisador*, inovação",
        "operations": """
            produção, qualidade, operações, fábrica, técnic*, cadeia de suprimentos,
            cadeia de abastecimento""",
    },
    "rank": {
        "executive": "diretor, diretora, vice presidente, sócio, sócia",
    },
}

DUTCH: Words = {
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
            *leverancierskwaliteit*""",
        "finance": "*boekhoud*, *financieel*, *financiën*, *financiele*, *accountancy*",
        "other": """
            *verkoop*, *verkoper*, *bedrijfsontwikkel*, *businessontwikkel*, *vastgoed*,
            *projectontwikkelaar*, *gebiedsontwikkel*, *personeel*, *organisatieontwikkel*,
            *talentontwikkel*, *docent*, *jurist*, *advocaat*""",
    },
    "loose": {
        "purchasing": "*leverancier*",
        "development": "*ingenieur*, *ontwikkel*, *onderzoek*, *ontwerp*, *techniek*, *innovatie*",
        "operations": "*productie*, *kwaliteit*, *toeleveringsketen*, *technicus*",
    },
    "rank": {
        "executive": "*directeur*, *directrice*",
    },
    "aide": {"other": "*secretaresse*"},
}

POLISH: Words = {
    "firm": {
        "purchasing": """
            zakup*, kupiec, kupca, zaopatrzeni*, zaopatrzeniow*, rozwoju dostawców, rozwój dostawców""",
        "development": """
            badań i rozwoju, badania i rozwój, b+r, rozwoju produktu, rozwój produktu, programist*,
            konstruktor*, projektant*, deweloper oprogramowania, rozwoju oprogramowania,
            dyrektor techniczny, kierownik techniczny, biuro konstrukcyjne""",
        "executive": """
            prezes*, członek zarządu, zarząd, zarządu, dyrektor generalny, dyrektor naczelny,
            dyrektor zarządzający, właściciel*, założyciel*, prokurent*""",
        "operations": """
            logisty*, magazyn*, utrzymani*, dyrektor zakładu, kierownik zakładu, kierownik produkcji,
            dyrektor produkcji, dyrektor operacyjny, jakości dostawców, mistrz produkcji""",
        "finance": "księgow*, finans*, kontroling*, skarbnik*, podatk*",
        "other": """
            sprzedaż*, handlow*, rozwoju biznesu, rozwój biznesu, rozwoju osobistego, nieruchomości,
            deweloper*, zasobów ludzkich, kadr*, szkole*, prawnik*, radca prawny, nauczyciel*""",
    },
    "loose": {
        "purchasing": "dostawców",
        "development": """
            inżynier*, rozwoju, rozwój, technolog, badań, badania, innowacj*, techniczny, techniczna""",
        "operations": "produkcj*, jakości, jakość, operacyjn*, łańcuch*",
    },
    "rank": {
        "executive": "dyrektor*, wiceprezes*",
    },
    "aide": {"other": "asystent*, sekretark*, sekretarz*"},
}

JAPANESE: Words = {
    "firm": {
        "purchasing": """
            購買, 調達, 仕入, バイヤー, 資材部, 資材課, 資材調達, サプライヤー開発, 最高調達責任者""",
        "development": """
            開発, ソフトウェア, プログラマ, 技術部, 技術課, 技術本部, 技術開発, 技術部長, 技術責任者,
            技師長, プロダクトマネージャー, 商品企画, 製品企画""",
        "executive": """
            社長, 代表取締役, 取締役, 会長, 最高経営責任者, 最高技術責任者, 最高財務責任者,
            最高執行責任者, 最高情報責任者, 経営者, 創業者, 執行役員社長, 専務, 常務""",
        "operations": """
            製造部, 製造課, 工場長, 生産管理, 物流, 倉庫, 保全, 品質保証, 品質管理, サプライヤー品質,
            製造部長""",
        "finance": "経理, 財務, 会計, 監査, 税理士",
        "other": """
            営業, 事業開発, 人材開発, 人事, 能力開発, 市場開発, 市場調査, 不動産, 不動産開発, 都市開発,
            顧客開発, 販売, マーケティング, 総務, 法務, 弁護士, 教師, 講師, 教授, 広報,
            組織開発, 営業技術, 技術営業, 宅地開発""",
    },
    "loose": {
        "purchasing": "資材, カテゴリーマネージャー, サプライヤー",
        "development": "エンジニア, 設計, 技術, 技師, デザイナー, イノベーション, 研究員",
        "operations": "製造, 生産, 品質, 工場, サプライチェーン, オペレーション, 設備, メンテナンス",
    },
    "rank": {
        "executive": "執行役員, 役員, 本部長, ディレクター",
    },
    "aide": {"other": "秘書, アシスタント"},
}

LANGUAGES: Mapping[str, Words] = {
    "en": ENGLISH,
    "de": GERMAN,
    "es": SPANISH,
    "zh": CHINESE,
    "fr": FRENCH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
    "nl": DUTCH,
    "pl": POLISH,
    "ja": JAPANESE,
}
