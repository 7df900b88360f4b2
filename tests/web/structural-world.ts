/** An invented county dialogue, of the size of a real one: 27 people of 16 organisations. Nobody in it exists. */

const of = (organisation: string, ...people: string[]) => people.map((one) => `${one}, ${organisation}`);
export const participants = [
  ...of('Försäkringskassan', 'Sara Lindqvist, handläggare', 'Karin Holm, enhetschef', 'Olle Fors, samverkansledare'),
  ...of('Arbetsförmedlingen', 'Nadja Rask, sektionschef', 'Per Wik, arbetsförmedlare'),
  ...of('Region Granviken', 'Jonas Palm, rehabkoordinator', 'Helena Brodin, verksamhetschef', 'Tim Sjö, strateg'),
  ...of('Vårdcentralen Norrsjön', 'Lisa Gran, distriktsläkare', 'Mona Rud, rehabkoordinator'),
  ...of('Psykiatriska kliniken', 'Adam Torn, överläkare'),
  ...of('Granviks kommun', 'Eva Norling, socialchef', 'Ali Strand, enhetschef', 'Britta Lund, arbetsmarknadschef'),
  ...of('Norrsjö kommun', 'Gun Back, enhetschef', 'Leo Hage, SIP-samordnare'),
  ...of('Viks kommun', 'Siv Moberg, biståndshandläggare'),
  ...of('Samordningsförbundet Granviken', 'Ulf Ros, förbundschef', 'Tove Dahl, processledare'),
  ...of('Företagshälsan Mälby', 'Rut Kvist, företagsläkare'),
  ...of('Granvik Träförädling AB', 'Jan Svärd, personalchef'),
  ...of('Handelns fackförbund i Granvik', 'Moa Frid, ombudsman'),
  ...of('Lärarnas förening i länet', 'Sten Ask, ombudsman'),
  ...of('Patientföreningen Mitt liv', 'Inga Hed, ordförande'),
  ...of('Anhörigrådet', 'Kim Löv, ledamot'),
  ...of('Länsstyrelsen', 'Tora Sund, utvecklingsledare', 'Per-Åke Nyman, jurist'),
];

export const agenda = [
  'Läget i länet',
  'När flera behöver träffas: vem kallar?',
  'Arbetsträning i kommunerna',
  'Aktiviteter som läkaren kan ta ställning till',
  'Samtycke och vad vi får berätta för varandra',
  'Tider och väntan',
  'Frågor som vi tar med oss',
  'Så följer vi upp',
];

export const notes = [
  'Under året har fler begärt möten än året före, och färre har fått ett. De flesta som begär är vårdcentraler och kommuner. Ungefär en tredjedel av begärandena dras tillbaka, oftast för att frågan har löst sig under tiden.\n\nKommunerna berättar att personer utan sjukpenning sällan får ett möte där alla är med. Arbetsförmedlingen ser samma sak. Regionen menar att den som har flera vårdkontakter behöver en som håller ihop dem, och att det sällan är uttalat vem det är.',
  'Alla får begära ett möte. Försäkringskassan tar ställning och kallar till avstämningsmöten. Region och kommun kallar till SIP, och ska göra det utan dröjsmål när behovet finns. Ingen ska vänta på någon annan med att kalla till det möte som är deras eget.\n\nVi enades om att den som tar emot en begäran som hör hemma hos någon annan hjälper till att skicka den rätt, och berättar det för den som frågade.',
  'Tre kommuner har platser för arbetsträning i egna verksamheter. Nivån börjar ofta på två timmar om dagen, två dagar i veckan, och ökar efter fyra veckor. Villkor som återkommer är en namngiven handledare, ett lugnt rum och att det går att avbryta utan att det räknas som ett misslyckande.\n\nArbetsgivarna efterfrågar en enda sida som säger vad handledaren ska göra. Facken vill att det skrivs ut vem som har arbetsmiljöansvaret.',
  'Läkarna säger att de inte kan intyga en aktivitet som ingen har beskrivit. När kommunen skriver vad aktiviteten består av, hur länge den håller på och hur den kan anpassas går det att ta ställning. Det som har prövats ska skrivas ned och lämnas till vården, med den enskildes ja.\n\nVi gör en gemensam lista över aktiviteter, med det som går att pröva, det som ofta bör undvikas och hur det kan anpassas.',
  'Ett samtycke gäller en mottagare, en sorts uppgifter och en tid. Ett allmänt ja räcker inte. Den enskilde ska alltid få frågan vad som inte får berättas.\n\nPatientföreningen påminde om att många säger ja för att de tror att de måste. Frågan ska ställas så att det är lika lätt att säga nej.',
  'Den som begär ett möte får i dag vänta mycket olika länge. Vi vill se siffrorna för varje kommun, utan att någon enskild går att känna igen. Försäkringskassan tar fram dem en gång i kvartalet.\n\nTolk och lokal är de vanligaste skälen till att ett bestämt möte flyttas. Regionen erbjuder lokaler på fyra orter.',
  'Vem betalar handledaren när arbetsträningen sker hos en privat arbetsgivare? Länsstyrelsen tar frågan till sitt rättsnätverk.\n\nKan samordningsförbundet finansiera en gemensam utbildning för dem som leder möten? Förbundschefen tar frågan till styrelsen i februari.',
  'Vi följer upp tre saker: hur många begäranden som har fått svar inom fem arbetsdagar, hur många möten där alla som behövdes var med, och hur många åtgärder som blev gjorda i tid. Resultatet visas på nästa länsdialog.',
];

export const measures = [
  {
    text: 'Ta fram väntetider för varje kommun, varje kvartal',
    who: 'Karin Holm, Försäkringskassan',
    due: '2027-01-29',
  },
  { text: 'Skriva en sida om vad en handledare gör', who: 'Jan Svärd och Moa Frid', due: '2027-02-12' },
  { text: 'Göra en gemensam lista över aktiviteter', who: 'Britta Lund, Granviks kommun', due: '2027-03-05' },
  { text: 'Pröva listan på två vårdcentraler', who: 'Helena Brodin, Region Granviken', due: '2027-04-30' },
  { text: 'Ordna lokaler på fyra orter för möten', who: 'Tim Sjö, Region Granviken', due: '2027-01-15' },
  { text: 'Ta upp frågan om utbildning i styrelsen', who: 'Ulf Ros, Samordningsförbundet', due: '2027-02-26' },
  {
    text: 'Skriva om frågan om samtycke så att det är lätt att säga nej',
    who: 'Inga Hed och Leo Hage',
    due: '2027-03-19',
  },
  { text: 'Svara om vem som betalar handledaren', who: 'Per-Åke Nyman, Länsstyrelsen', due: '2027-03-31' },
];
