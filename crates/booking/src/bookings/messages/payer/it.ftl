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
booking-card-mail-subject = Una carta per il Suo soggiorno { $number }
booking-card-mail =
    Buongiorno { $name },

    { $merchant } Le chiede una carta per garantire il Suo soggiorno { $number } dal { $arrival } al { $departure }.
    Segua questo link per indicarla su una pagina sicura. Ora non viene addebitato nulla. Il link è valido { $days } giorni.
    Non dia mai la Sua carta per e-mail, SMS o telefono.

    A presto,
    { $merchant }
booking-card-mail-test = PROVA: questo messaggio è un test.
booking-card-sms = { $merchant }: per garantire il Suo soggiorno { $number } dal { $arrival }, indichi la Sua carta con questo link ({ $days } giorni). Nessun addebito per ora.
booking-card-guest-title = Una carta per il Suo soggiorno
booking-card-guest-number = Prenotazione
booking-card-guest-why = { $merchant } Le chiede una carta per garantire questo soggiorno.
booking-card-guest-promise = La indica sulla pagina sicura della cassaforte. Ora non viene addebitato nulla, il codice di sicurezza non viene chiesto e la carta viene cancellata dopo la partenza.
booking-card-guest-button = Indicare la mia carta
booking-card-guest-given = La Sua carta è registrata
booking-card-guest-kept = Grazie. { $merchant } conserva per questo soggiorno la carta •••• { $last4 }.
booking-card-guest-over = Questo link non è più valido
booking-card-guest-over-cure = Scriva o telefoni a { $merchant } per riceverne un altro.
