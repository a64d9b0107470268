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
