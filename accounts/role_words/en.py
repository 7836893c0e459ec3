"""English."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            buyer, buyers, buying, purchas*, purch, procure*, sourcing, sourcer, supplier development,
            supplier manag*, supplier relation*, supplier select*, vendor manager, vendor relation*,
            supply agent, supply officer, supply specialist""",
        "development": """
            r&d, rnd, research and development, research and innovation, developer*,
            development engineer*, product development, product engineer*, product innovation,
            software develop*, software engineer*, software architect*, software design*,
            software test*, hardware engineer*, hardware develop*, hardware design*, firmware,
            embedded, systems engineer*, design engineer*, product manage*, product owner*,
            head of product, vp product, head of engineering, engineering manager,
            engineering director, director of engineering, vp engineering, technical director,
            technical manager, technical lead, technical leader, tech lead, programmer*, devops, asic,
            fpga, prototyp*, chief engineer, chief architect, chief scientist,
            new product introduction, npi, full stack, fullstack, front end, frontend, back end,
            backend""",
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
            general mgr, president, chairman, chairwoman, chairperson, founder, cofounder, owner,
            proprietor, board member, member of the board, board of directors, management board,
            executive board, executive committee, managing partner, company director""",
        "operations": """
            logistic*, warehous*, maintenance, facility manag*, facilities, supplier quality*, sqe,
            plant manager, plant director, works manager, factory manager, factory director,
            production manager, production supervisor, production planner, production planning, ops
            manager, ops mgr, production control*, manufacturing manager, operations manager,
            operations director, head of operations, head of production, head of manufacturing,
            inventory, demand planner, shop floor, shipping, dispatch*, distribution manager, field
            service*, service engineer*, quality manage*, quality control*, quality inspect*, site
            manager, operator*, operative*, worker*, labourer*, laborer*, assembler*, machinist*,
            mechanic, mechanics, fitter*, welder*, electrician*, repairer*, repairman, installer*,
            inspector*, foreman, cnc programmer*, flight engineer*, maritime engineer*, ship
            engineer*, duty engineer*, network technician*, maintenance engineer*, field service
            engineer*, supplier quality engineer*, supplier quality assurance engineer*, shipping
            engineer*""",
        "finance": """
            accountant*, accounting, accounts payable, accts payable, ap clerk, ar clerk,
            accounts receivable, purchase ledger, purchasing ledger, bookkeep*, finance, financial,
            fp&a, treasur*, controlling, payroll, tax""",
        "other": """
            sales*, presales, business dev, biz dev, seller*, account manager*, account executive*,
            account director, key account*, bizdev*, corporate develop*, customer develop*,
            client develop*, partner develop*, channel develop*, franchise develop*, l&d,
            mergers and acquisitions, land acquisition*, library acquisition*, business develop*,
            marketing, merchandis*, retail*, rental*, import*, export*, brand, advertis*,
            market research*, market develop*, category develop*, trade develop*, media buy*,
            media and advertising buy*, media planner*, press buy*, radio buy*, tv buy*, space buy*,
            media space buy*, personal shopper*, human resource*, hr, talent, recruit*,
            learning and development, training and development, staff development,
            personal development, people development, skills development, organisation development,
            organization development, organisational develop*, organizational develop*,
            leadership development, career development, professional development, community develop*,
            property develop*, land develop*, enterprise develop*, ebusiness develop*,
            e commerce develop*, office develop*, house develop*, speculative develop*, shop manager*,
            store manager*, superstore*, real estate*, estate develop*, housing develop*,
            urban develop*, rural develop*, regional develop*, economic develop*,
            international develop*, destination develop*, sports develop*, social develop*,
            curriculum develop*, course develop*, content develop*, elearning*, e learning*,
            instructional*, child development, youth development, fund development, customer success,
            customer service*, public relations, legal, lawyer*, counsel, attorney*, solicitor*,
            teacher*, lecturer*, professor*, instructor*, trainer*, tutor*, nurse*, physician*,
            journalist*, film develop*, university research*, educator*, librarian*,
            legislative draft*, parliamentary dra*, procurement law*""",
    },
    "loose": {
        "purchasing": """
            category manage*, category lead, category specialist, category director, commodity
            manager, commodity mgr, category mgr, expediter*, expeditor*, commodity lead, commodity
            specialist, cpo, tendering, contracting officer*, subcontracts, acquisition
            specialist*, acquisition manager*, acquisition officer*, acquisition agent*, textile
            merchandis*, apparel merchandis*, garment merchandis*, vendor management, supply
            manager, supply management, material planner, materials planner, supply planner,
            subcontract manage*, subcontract admin*""",
        "development": """
            engineering, eng, ing, dev, fae, develop*, innovation*, development technician*, design
            technician*, app specialist*, predictive maintenance, industry 4.0, smart
            manufacturing, smart factory, smart production, product director*, it manager*, it
            director*, head of it, it lead, draught*, drafts*, drafter*, drafting, metallurg*,
            homologation, application tester*, unit tester*, module tester*, system tester*,
            systems tester*, naval architect*, marine architect*, application architect*, head of
            laboratory, laboratory manager, laboratory head, lab manager, scientific director,
            science director, chief science officer, bioengineer*, system architect*, systems
            architect*, solution architect*, solutions architect*, enterprise architect*, network
            architect*, data architect*, ict architect*, it architect*, cloud architect*, security
            architect*, technical architect*, ict consultant*, it consultant*, ict system*, system
            analyst*, systems analyst*, system integration*, systems integration*, integration
            consultant*, data analyst*, ict business analyst*, it business analyst*, ict test*, it
            test*, game tester*, games tester*, accessibility tester*, user experience, user
            interface, usability, ux, ui, computer vision, telecommunications analyst*,
            telecommunications consultant*, configurator*, app coder*, 3d printing, additive
            manufacturing, production technologist*, process technologist*, manufacturing
            technologist*, work study, time and motion, engineering technician*, test technician*,
            testing technician*, laboratory technician*, lab technician*, research technician*,
            calibration technician*, software tester*, soft tester*, it quality*, ict quality*,
            software quality*, mechanics engineering, video game design*, video games design*,
            video game test*, video games test*, video game engineer*, video games engineer*""",
        "operations": """
            operations, supply chain*, technician*, drainage, irrigation, sprinkler*, alarm*,
            installation, repair*, servicing, production, manufactur*, plant, process*,
            supply chain engineer*, transport*, fleet, assembly, safety, ehs, hse, mro, scm, qa, cnc,
            numerical control*, numerically controlled, support, helpdesk, help desk,
            it administrator*, ict administrator*, system administrator*, systems administrator*,
            network administrator*, engineering operations supervisor, fabricator*, wirer*, maker,
            makers, builder, builders, constructor, constructors, supervisor*, moulder*, driller*,
            solderer*, finisher*, maintainer*, collector*, sorter*, clockmaker*, watchmaker*,
            service desk, apprentice*, engineering compliance""",
        "finance": "controller*, investor*, credit",
        "other": """
            decision maker*, gambling*, user acquisition*, customer acquisition*, client acquisition*,
            data acquisition*, talent acquisition*, property acquisition*, betting*, lottery*,
            military engineer*, army engineer*, combat engineer*, sound engineer*, audio engineer*,
            recording engineer*, studio engineer*, mastering engineer*, mixing engineer*,
            broadcast engineer*, broadcasting engineer*, audio visual engineer*, locomotive engineer*,
            train engineer*, stationary engineer*, boiler engineer*, second engineer*,
            third engineer*, wholesal*, merchant*, trader*, trade manager*, cost consultant*,
            cost manager*, policy develop*, service develop*, services develop*, public health*,
            museum interpretation*, mediation develop*, tourism product*, tourist product*,
            banking product*, pattern develop*, licensing, trade compliance, pricing, chimney*""",
    },
    "engineer": {"development": "engineer, engineers, engr, enginer, enginee"},
    "faint": {
        "operations": "quality, planner*, planning, materials, lean, continuous improvement",
        "development": """
            technology, technologies, technologist*, scientist*, research*, design, designer*,
            software, hardware, engineering machinery, cad, automation, robot*, photonic*,
            optoelectronic*, optics, optical, electronic*, microelectronic*, electromechanic*,
            microelectromechanic*, electro mechanic*, mechatronic*, nano*, semiconductor*,
            circuits, circuit design*, circuit board*, sensor, sensors, rf, antenna*, battery,
            batteries, hydraulic*, pneumatic*, fluid power, thermodynamic*, aerodynamic*,
            acoustic*, simulation*, modelling, modeling, materials expert*, materials specialist*,
            composites, polymer*, medical technology, medical instrument*, medical device*,
            renewable*, photovoltaic*, solar, wind, geotherm*, geotechnic*, hydropower, nuclear,
            tooling, instrumentation, telecom*, communications analyst*, satellite*, wireless, ict,
            it, technical specialist*, technical expert*, technical consultant*, technical advis*,
            configuration, cloud, app, apps, iot, machine learning, artificial intelligence,
            algorithm*, vessel architect*, submarine architect*, maritime architect*, disassembly
            planner*, packing machinery, product expert*, product specialist*, electrical,
            mechanical, powertrain, propulsion, power supply, power supplies, environmental*,
            packaging, geolog*, hydrolog*, mineralog*, mineral process*, assay*, climate, energy,
            network planner*, network analyst*, laboratory, lab, chemist*, chemical*, physicist*,
            biochem*, biotech*, bioprocess*, biogas, biomass, biofuel*, geophys*, geochem*,
            geomatic*, geoscien*, aerospace, astronautic*, avionic*, calibration, metrolog*,
            corrosion, reliability, dependability, human factors, remote sensing, gis, geographic
            information, drone*, unmanned, autonomous, rolling stock, additive, surveyor*,
            surveying, architect, architects, dlt, business continuity, disaster recovery, laser*,
            vacuum, hydrogen, quantum, ai, virtual reality, augmented reality, brewer*,
            brewmaster*, brewing, master distiller*, cider master*, oenolog*, enolog*, water
            management, water resources, water treatment, soil, pollution, emission*, remediation,
            landfill*, ecosystem*, bim, electromagnet*, radar, radiation protection, reactor*,
            reservoir, substation*, power distribution, synthetic material*, plastics, optomechan*,
            computer scien*, computer analyst*, computer system*, rotating equipment, smart home*,
            offshore, tidal, process control, control system*, commissioning, validation,
            verification, mining, biomaterial*, petroleum, infrastructure, structural, thermal,
            turbine*, fuels, hvac, recycling, waste, decommission*, cyber*, informatics,
            information system*, database*, data expert*, data specialist*, data storage, data
            warehous*, blockchain, system, systems, application, applications, test, testing,
            commercial vehicle*, personal computer*, information security*, network security,
            networking, rfid, microchip*, hydrodynam*, metallograph*, product safety, erp""",
        "other": """
            social*, linguist*, language*, philosoph*, theolog*, religio*, criminolog*, behaviour*,
            behavior*, gender*, humanities, cultur*, art, arts, music*, dance*, choreograph*, media,
            tattoo*, floral*, make up*, hair*, wig*, puppet*, costume*, event*, exhibit*, dental*,
            surgeon*, surgical*, optician*, optometr*, audiolog*, radiograph*, hospital*, patient*,
            therap*, nutrition*, diet*, athletic*, sport*, sociolog*, archaeolog*, anthropolog*,
            economics, literary, literature, demograph*, psycholog*, policy, politic*, genealog*,
            family tree, histor*, opinion, securities, archiv*, criminal*, forensic*,
            business research*, research interview*, intelligence research*, cartograph*, gemmolog*,
            museum*, customs, thanatolog*, information scientist*, education*, school*, training*,
            assistive, special needs, clinical*, medical*, biomedical*, veterinar*, animal*,
            prosthetic*, blood*, health, fashion*, jewel*, interior*, graphic*, sound*, audio visual*,
            recording*, broadcasting*, video design*, projection design*, animation*, stage*, scenic*,
            set design*, theatre*, theater*, prop design*, property design*, mask*,
            production design*, display design*, visual design*, spatial*, web design*,
            website design*, digital design*, photo design*, pattern*, painter*, artist*, knit*,
            library, tourism*, banking*, biology*, chemistry technolog*, lighting, scene design*,
            building design*, organ design*, pipe organ*, customer data*, insurance, valuation,
            metering*, call centre*, pharmacy, orthodont*, radiolog*, nuclear medicine,
            programming director, actuar*, administrator*, prepress*, press, typeset*, journalism,
            data entry""",
    },
    "rank": {
        "operations": "tester, testers",
        "finance": "auditor*, audit",
        "executive": """
            md, gm, director, vice president, assistant vice president, vp, svp, evp, avp, partner,
            principal, board""",
    },
    "aide": {"other": "assistant*, secretar*, pa, ea"},
}
