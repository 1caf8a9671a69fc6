// The words that both screens show while a home is paired: the same list as tillsyn/words.py, place for place
// (tests/operator/console/test_vectors.py compares them). Where one changes, the protocol does.

export const SWEDISH = `
ambulans anka apelsin arkitekt astronaut bagare ballong banan berg bibliotek björn blad blixt blomma blyerts
boll bonde bord borste brandbil brev bröd burk buss bälte bänk choklad cirkel cirkus citron cykel dagbok dansare
delfin detektiv diamant docka dotter drake droppe drottning dörr ekorre elefant engel fabrik fallskärm familj
fasan fiol fisk fiskare fjäder fjäril flagga flamingo flaska flod flygplan fotboll fotograf frimärke frukost
fågel fönster gaffel gardin geting giraff gitarr glasögon groda grotta gryta gräsmatta guld gunga gurka gård
hallon halsduk hammare hamn handske harpa hatt himmel hink hjul hjälm hjärta honung hotell hund igelkott isberg
jacka jordgubbe kaffe kaktus kalender kamel kamera kanin kanot karta kastanj kedja klocka klänning klöver knapp
kniv kokosnöt kompass konsert korg krabba krokodil krona kudde kung kusin kyrka källa lakan lampa lavendel lejon
lingon linjal ljus lykta läkare läppstift magnet majs marknad maskros matta medalj melon mikroskop mjölk moln
mormor morot mossa motor motorcykel museum myra måne nejlika nyckel näktergal näsa olja ordbok orgel palm
paprika paraply parfym park piano pil pingvin pipa plommon polis potatis prins pumpa pusselbit pärla radio raket
regn regnbåge robot rymdskepp räv råg saft sand sax saxofon schack segel sjö skata sked skepp skidor skog
skrivbord sköldpadda släde smör socker sol sommar soppa spade spindel staket stege sten stjärna strumpa svamp
svan syrsa säng tall tavla teater telefon termometer tidning tiger tomat torn traktor trappa trumma trumpet
trädgård tråd tulpan tunna tält ugn ull vagn val vallmo vante vatten vattenfall verkstad vete vinbär vind vinter
vulkan vykort väderkvarn väska zebra ägg äpple åker öken örn
`.trim().split(/\s+/);

export const ENGLISH = `
ambulance duck orange architect astronaut baker balloon banana mountain library bear leaf lightning flower
pencil ball farmer table brush firetruck letter bread jar bus belt bench chocolate circle circus lemon bicycle
diary dancer dolphin detective diamond doll daughter dragon drop queen door squirrel elephant angel factory
parachute family pheasant violin fish fisherman feather butterfly flag flamingo bottle river aeroplane football
photographer stamp breakfast bird window fork curtain wasp giraffe guitar spectacles frog cave casserole lawn
gold swing cucumber yard raspberry scarf hammer harbour glove harp hat sky bucket wheel helmet heart honey hotel
dog hedgehog iceberg jacket strawberry coffee cactus calendar camel camera rabbit canoe map chestnut chain clock
dress clover button knife coconut compass concert basket crab crocodile crown pillow king cousin church spring
sheet lamp lavender lion cranberry ruler candle lantern doctor lipstick magnet corn market dandelion carpet
medal melon microscope milk cloud grandmother carrot moss engine motorbike museum ant moon carnation key
nightingale nose oil dictionary organ palm pepper umbrella perfume park piano arrow penguin whistle plum police
potato prince pumpkin jigsaw pearl radio rocket rain rainbow robot spaceship fox rye juice sand scissors
saxophone chess sail lake magpie spoon ship skis forest desk turtle sleigh butter sugar sun summer soup spade
spider fence ladder stone star stocking mushroom swan cricket bed pine painting theatre telephone thermometer
newspaper tiger tomato tower tractor stairs drum trumpet garden thread tulip barrel tent oven wool wagon whale
poppy mitten water waterfall workshop wheat currant wind winter volcano postcard windmill bag zebra egg apple
field desert eagle
`.trim().split(/\s+/);
