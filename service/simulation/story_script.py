"""The script of the account that the product was made for; weeks are those of a story of 156.

Talks: week | channel direction | customer's people, then + ours | topics | what it was about.
Orders: week | what | thousands of USD | who signed.
"""

# ruff: noqa: E501  (a line is a beat)

PEOPLE = {  # key: name, title, department
    "lena": ("Lena Castellan", "Head of R&D", "R&D"),
    "omar": ("Omar Brightwater", "Senior Development Engineer", "R&D"),
    "suni": ("Sunniva Hale", "Controls Engineer", "Engineering"),
    "theo": ("Theo Maddock", "Lead Mechanical Engineer", "Mechanical Design"),
    "ada": ("Adaeze Winterbourne", "Chief Technology Officer", "Executive"),
    "bram": ("Bram Tolland", "Production Manager", "Manufacturing"),
    "joan": ("Joan Pettifer", "Purchasing Agent", "Purchasing"),
    "viktor": ("Viktor Sandoe", "Strategic Buyer, Electronics", "Purchasing"),
    "marg": ("Marguerite Oakes", "Director of Purchasing", "Purchasing"),
    "colm": ("Colm Redfearn", "Category Manager Motion & Drives", "Procurement"),
}

TALKS = """
1 | call inbound | omar + ines | application | Their first gantry robot shakes at low speed; can our drives do better?
2 | visit outbound | omar suni + ines dana | application technical | Ines spends a day at the test bench with them
4 | email inbound | suni + ines | technical | Which encoder resolution for 5 µm repeatability?
5 | demo outbound | lena omar suni + ines dana | application roadmap | Our motion system on their own gantry: it runs quietly
7 | call inbound | omar + ines | technical | Torque ripple, filter settings
8 | meeting outbound | lena ada omar + ines dana | roadmap application | What they want to build in three years, and how we could help
10 | email inbound | theo + ines | technical | CAD models and thermal limits of the motors
11 | visit outbound | omar theo + ines | application | Motor sizing for the six-axis arm
13 | training outbound | omar suni theo + ines | training | First commissioning course
14 | call inbound | suni + ines | technical application | Synchronising eight axes
16 | meeting outbound | lena omar + ines dana | application roadmap | The arm becomes a product; we are designed in
17 | email inbound | omar + ines | technical | Safety stop categories
19 | meeting inbound | lena omar joan + dana ines | application price | First quotation; Lena chooses, Joan does the paperwork
20 | call inbound | omar + ines | application | Which system for the pilot cell?
22 | visit outbound | omar suni bram + ines | application training | Pilot cell started up together
24 | email inbound | suni + ines | technical | Field-bus diagnostics
25 | call inbound | theo + ines | technical | Cable routing in the wrist
27 | demo outbound | lena omar theo + ines | application | Vision-guided picking with the same controller
29 | visit outbound | omar suni + ines | technical application | Tuning week: cycle time falls by a fifth
31 | call inbound | omar + ines | application | A customer of theirs wants clean-room operation
33 | meeting outbound | lena ada + dana ines | roadmap | Half-year review; the CTO asks for our roadmap
34 | email inbound | suni + ines | technical | Firmware interface
36 | training outbound | suni bram + ines | training | Course for the production team
38 | call inbound | omar + ines | application technical | Load changes while moving
40 | visit outbound | omar theo + ines | application | Second robot family: feasibility on site
42 | email inbound | theo + ines | technical | Gear backlash compensation
44 | meeting inbound | lena omar suni + ines dana | application roadmap | They would like to show the arm at a fair, with us
46 | call inbound | suni + ines | technical | Remote maintenance
48 | demo outbound | ada lena omar + ines dana | application roadmap | Fair rehearsal; the CTO brings her board
50 | email inbound | omar + ines | application | Palletising at 1,400 cycles an hour
52 | meeting outbound | lena joan + dana | price terms | Frame agreement for next year, settled in an hour
54 | visit outbound | omar suni + ines | application | Palletiser start-up
56 | call inbound | omar + ines | technical | Brake test routine
58 | meeting outbound | lena omar theo + ines dana | roadmap application | Design-in of the second family
60 | training outbound | suni omar + ines | training | Advanced motion control
62 | email inbound | suni + ines | technical | Data logging at 8 kHz
64 | visit outbound | bram omar + ines | quality application | First series on the line
66 | call inbound | theo + ines | technical | Lighter motor variant
68 | meeting outbound | ada lena + dana ines | roadmap | Yearly review: they call us their development partner
70 | call inbound | omar + ines | application | Dual-arm coordination
72 | visit outbound | omar suni + ines | application technical | Dual-arm prototype
74 | email inbound | suni + ines | technical | Collision detection thresholds
77 | demo outbound | lena omar + ines | application | Force control
79 | call inbound | theo + ines | technical | Cooling in the new housing
81 | meeting inbound | lena omar + ines dana | application roadmap | Third family, to be decided next year
84 | visit outbound | omar bram + ines | quality application | Line two
87 | call inbound | suni + ines | technical | One question in three weeks: they can do it themselves now
90 | meeting outbound | lena joan + dana | terms delivery | Call-off quantities for the frame agreement
93 | email inbound | omar + ines | application | Last open point of the dual-arm project
96 | visit outbound | omar suni + ines | application | Hand-over; there is little left to explain
99 | meeting inbound | viktor lena + dana | price terms | Viktor introduces himself: all drives go through purchasing now
101 | email inbound | viktor + dana | price | Please itemise: what does each part cost?
103 | call inbound | viktor + dana | price | Why do we pay for service that we do not use?
104 | meeting inbound | marg viktor + dana | price terms | New director of purchasing; target: twelve per cent less
106 | email outbound | omar + ines | application | Ines offers a day at the bench; no time just now
107 | call inbound | viktor + dana | price delivery | Components only, please, for line two
109 | meeting inbound | marg viktor suni + dana | price | Price, price, price; Sunniva listens
111 | email inbound | colm + dana | price terms | Payment terms: ninety days
113 | call outbound | lena + dana | roadmap | Lena: "You will have to talk to purchasing."
114 | meeting inbound | colm viktor + dana | price | A second source is being qualified
116 | email inbound | viktor + dana | price | Cancel the service contract at the end of the quarter
118 | meeting inbound | marg colm + dana | price terms | The specification is fixed; only the price is open
120 | call inbound | colm + dana | price delivery | A rival's price on the table
122 | email inbound | viktor + dana | price | Third round
124 | meeting inbound | marg colm viktor + dana | price terms | Formal tender announced
127 | email inbound | colm + dana | price | Tender documents: two hundred lines, no application
129 | call inbound | viktor + dana | price | Unit price of the drive
131 | meeting inbound | marg colm + dana | price terms | Best and final offer
134 | email inbound | colm + dana | price | One more per cent
137 | call inbound | viktor + dana | price delivery | Bridging order until the year's end
140 | meeting inbound | marg colm + dana | price terms | The decision is put off
143 | email inbound | colm + dana | terms delivery | Last delivery dates
147 | email inbound | colm + dana | terms | Thank you for the offer
"""

ORDERS = """
20 | bundle | 64 | omar
27 | bundle | 98 | omar
33 | bundle | 142 | lena
39 | bundle | 178 | omar
44 | bundle | 205 | lena
49 | bundle | 240 | omar
53 | bundle | 285 | lena
57 | bundle | 310 | omar
61 | bundle | 335 | omar
65 | bundle | 352 | lena
69 | bundle | 378 | omar
73 | bundle | 390 | omar
77 | bundle | 405 | lena
81 | bundle | 412 | omar
85 | bundle | 428 | joan
89 | bundle | 431 | omar
93 | bundle | 446 | lena
97 | bundle | 440 | omar
101 | bundle | 425 | joan
105 | split | 392 | viktor
109 | split | 371 | viktor
113 | bundle | 340 | joan
117 | split | 322 | viktor
121 | split | 288 | viktor
125 | split | 251 | colm
130 | split | 214 | viktor
136 | split | 146 | colm
142 | split | 72 | viktor
"""

# week opened | weeks open | how it ended | thousands | basis | tender | deciders | rivals
OPPORTUNITIES = """
5 | 15 | won | 300 | solution | no | lena omar ada |
30 | 14 | won | 900 | solution | no | lena omar |
56 | 12 | won | 2100 | solution | no | lena ada theo |
82 | 10 | won | 2600 | solution | no | lena omar joan |
104 | 7 | won | 1400 | specification | no | viktor marg lena | Shenlan Motion
118 | 6 | lost | 1900 | specification | no | marg colm | Shenlan Motion
125 | 16 | lost | 4800 | specification | yes | marg colm viktor | Shenlan Motion, Pikewell Controls
"""

# week | who asks | kind | days until answered
TICKETS = """
23 | suni | application | 0.3
28 | omar | application | 0.5
35 | bram | support | 0.4
41 | suni | application | 0.6
47 | omar | application | 0.5
55 | suni | support | 0.7
63 | bram | support | 0.8
67 | omar | application | 0.6
71 | suni | application | 1.0
78 | bram | complaint | 0.9
86 | suni | application | 1.2
95 | bram | support | 1.5
108 | bram | complaint | 6.0
123 | bram | complaint | 9.0
"""

# week | who | joins or leaves
MOVES = """
1 | omar | active
1 | lena | active
4 | suni | active
18 | joan | active
98 | viktor | active
103 | marg | active
110 | colm | active
121 | theo | left
133 | suni | left
"""

SHIFT_WEEK, SHIFT_DONE_WEEK, LOSS_WEEK, WEEKS = 98, 106, 146, 156
