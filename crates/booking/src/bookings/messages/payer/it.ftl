booking-mail-test = PROVA: questa prenotazione è un test, nessun denaro è stato spostato.
booking-mail-subject = La Sua prenotazione { $number } è confermata
booking-mail-deposit =
    Buongiorno { $name },

    la Sua prenotazione { $number } presso { $merchant } è definitiva.
    Arrivo: { $arrival }
    Partenza: { $departure }
    Totale del soggiorno: { $total }
    Acconto pagato: { $paid }
    Resta da pagare: { $rest }

    A presto,
    { $merchant }
booking-mail-paid =
    Buongiorno { $name },

    la Sua prenotazione { $number } presso { $merchant } è definitiva e interamente pagata.
    Arrivo: { $arrival }
    Partenza: { $departure }
    Totale del soggiorno: { $total }

    A presto,
    { $merchant }
booking-mail-free =
    Buongiorno { $name },

    la Sua prenotazione { $number } presso { $merchant } è definitiva. Non c'è nulla da pagare.
    Arrivo: { $arrival }
    Partenza: { $departure }

    A presto,
    { $merchant }
booking-starts = Arrivo
booking-ends = Partenza
booking-subject-title = Soggiorno dal { $arrival } al { $departure }
booking-subject-hours = { $date }, dalle { $time }
booking-subject-before = { $date }, entro le { $time }
booking-subject-lodging = Alloggio
booking-subject-guests = Ospiti
booking-subject-total = Totale del soggiorno
booking-subject-rest = Saldo da pagare più tardi
booking-subject-next-rest = Il saldo di { $amount } sarà addebitato più tardi da { $merchant }, sulla carta lasciata per questo soggiorno o sul posto.
booking-subject-next-arrival = La aspettiamo il { $arrival }.
