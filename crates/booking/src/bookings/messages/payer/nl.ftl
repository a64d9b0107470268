booking-mail-test = TEST: deze boeking is een proef, er is geen geld verplaatst.
booking-mail-subject = Uw boeking { $number } is bevestigd
booking-mail-deposit =
    Geachte { $name },

    Uw boeking { $number } bij { $merchant } is definitief.
    Aankomst: { $arrival }
    Vertrek: { $departure }
    Totaal van het verblijf: { $total }
    Betaalde aanbetaling: { $paid }
    Nog te betalen: { $rest }

    Tot ziens,
    { $merchant }
booking-mail-paid =
    Geachte { $name },

    Uw boeking { $number } bij { $merchant } is definitief en volledig betaald.
    Aankomst: { $arrival }
    Vertrek: { $departure }
    Totaal van het verblijf: { $total }

    Tot ziens,
    { $merchant }
booking-mail-free =
    Geachte { $name },

    Uw boeking { $number } bij { $merchant } is definitief. U hoeft niets te betalen.
    Aankomst: { $arrival }
    Vertrek: { $departure }

    Tot ziens,
    { $merchant }
booking-starts = Aankomst
booking-ends = Vertrek
booking-subject-title = Verblijf van { $arrival } tot { $departure }
booking-subject-hours = { $date }, vanaf { $time } uur
booking-subject-before = { $date }, vóór { $time } uur
booking-subject-lodging = Accommodatie
booking-subject-guests = Gasten
booking-subject-total = Totaal van het verblijf
booking-subject-rest = Later te betalen restbedrag
booking-subject-next-rest = { $merchant } schrijft het restbedrag van { $amount } later af van de kaart die voor dit verblijf is opgegeven, of rekent het ter plaatse af.
booking-subject-next-arrival = We verwachten u op { $arrival }.
booking-card-mail-subject = Een kaart voor uw verblijf { $number }
booking-card-mail =
    Hallo { $name },

    { $merchant } vraagt u om een kaart om uw verblijf { $number } van { $arrival } tot { $departure } te garanderen.
    Via deze link geeft u de kaart op een veilige pagina op. Er wordt nu niets afgeschreven. De link is { $days } dagen geldig.
    Geef uw kaart nooit door per e-mail, sms of telefoon.

    Tot binnenkort,
    { $merchant }
booking-card-mail-test = TEST: dit bericht is een proef.
booking-card-sms = { $merchant }: geef via deze link uw kaart op om uw verblijf { $number } van { $arrival } te garanderen ({ $days } dagen). Er wordt nu niets afgeschreven.
booking-card-guest-title = Een kaart voor uw verblijf
booking-card-guest-number = Boeking
booking-card-guest-why = { $merchant } vraagt u om een kaart om dit verblijf te garanderen.
booking-card-guest-promise = U geeft de kaart op de veilige pagina van de kluis op. Er wordt nu niets afgeschreven, de beveiligingscode wordt niet gevraagd en de kaart wordt na uw vertrek gewist.
booking-card-guest-button = Mijn kaart opgeven
booking-card-guest-given = Uw kaart is opgeslagen
booking-card-guest-kept = Bedankt. { $merchant } bewaart voor dit verblijf de kaart •••• { $last4 }.
booking-card-guest-over = Deze link is niet meer geldig
booking-card-guest-over-cure = Schrijf of bel { $merchant } om een nieuwe te krijgen.
