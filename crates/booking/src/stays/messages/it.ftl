# Ricerca
stay-title = Prenoti il Suo soggiorno
stay-lede = Scelga le date: prezzi e disponibilità compaiono subito.
stay-places = I nostri alloggi
stay-closed = Qui non si può ancora prenotare online. Ci contatti: i nostri recapiti sono in fondo a questa pagina.
stay-all = Vedere tutti i nostri alloggi
stay-search-label = Cerca un soggiorno
stay-search = Cerca
stay-arrival = Arrivo
stay-departure = Partenza
stay-choose = Scegli
stay-busy = Un momento…
stay-results = { $n ->
    [0] Dal { $arrival } al { $departure }, { $guests }
    [one] { $n } alloggio libero dal { $arrival } al { $departure }, { $guests }
   *[other] { $n } alloggi liberi dal { $arrival } al { $departure }, { $guests }
}
stay-nothing = In queste date non c'è nulla di libero per questo numero di persone. Provi altre date.
stay-nights = { $n ->
    [one] { $n } notte
   *[other] { $n } notti
}
stay-capacity = { $n ->
    [one] { $n } persona
   *[other] Fino a { $n } persone
}
stay-hours = Arrivo dalle { $in }, partenza entro le { $out }
stay-units-left = { $n ->
    [one] L'ultimo
   *[other] Ne restano solo { $n }
}
stay-registration = Numero di registrazione { $number }
stay-price-note = { $n ->
    [one] per { $n } notte
   *[other] per { $n } notti
}
stay-deposit-note = Acconto alla prenotazione: { $amount }
# Perché questo prezzo?
stay-why = Perché questo prezzo?
stay-why-exact = { $n ->
    [one] Prezzo della notte richiesta.
   *[other] C'è un prezzo per esattamente { $n } notti da quel giorno.
}
stay-why-nights = Somma di { $n } prezzi a notte, ciascuno alla sua data.
stay-why-nights-note = Se ogni notte ha il suo prezzo, vale la somma: i prezzi di più notti non si combinano.
stay-why-nights-cheaper = Se ogni notte ha il suo prezzo, vale la somma: { $parts } notti = { $amount } non è stato valutato, perché i prezzi di più notti non si combinano.
stay-why-cover = Le { $n } notti sono coperte dai prezzi disponibili, al totale più basso.
stay-why-cheapest = Le { $n } notti sono coperte nel modo più conveniente.
stay-adjustment-long-stay = Soggiorno lungo
stay-adjustment-non-refundable = Non rimborsabile
stay-adjustment-promotion = Promozione
stay-total = Totale
# Non disponibile
stay-reason-not-open = La notte del { $date } non è in vendita.
stay-reason-sales-closed = La notte del { $date } non è più in vendita.
stay-reason-sold-out = La notte del { $date } è al completo.
stay-reason-held-by-other = La notte del { $date } è riservata a un altro acquirente.
stay-reason-held-until = Questa camera è riservata fino alle { $time }.
stay-reason-no-price = Non c'è un prezzo per queste date e questa durata.
stay-reason-capacity-exceeded = { $n ->
    [one] Per { $n } persona al massimo.
   *[other] Per { $n } persone al massimo.
}
stay-reason-bracket-not-priced = Non c'è un prezzo per una delle fasce d'età.
# Carrello
stay-contact-title = I Suoi dati
stay-contact-lede = Appena i Suoi dati sono salvati, l'alloggio è riservato per Lei per un'ora.
stay-basket-title = La Sua prenotazione
stay-first-name = Nome
stay-last-name = Cognome
stay-email = Indirizzo e-mail
stay-email-hint = La ricevuta sarà inviata qui
stay-phone = Telefono
stay-phone-hint = Ad esempio +39 312 345 6789
stay-continue = Continua
stay-you = Lei
stay-edit-contact = Modifica i miei dati
stay-your-stay = Il Suo soggiorno
stay-length = Durata
stay-guests = Ospiti
stay-deposit = Acconto da pagare ora
stay-rest = Saldo da pagare più tardi
stay-held-until = Riservato per Lei fino alle { $time }
stay-minutes-left = Restano {"{"}n{"}"} min
stay-hold-over = Il tempo è scaduto. Il carrello è conservato: se l'alloggio è ancora libero, può pagare.
stay-prolong = Prolunga
stay-prolong-hint = Un'ora in più, una sola volta.
stay-prolonged-already = Ha già prolungato una volta.
stay-others-wait = Qualcun altro aspetta questo alloggio: non può essere riservato più a lungo.
stay-prolong-limit = Le quattro ore in tutto sono esaurite.
stay-lifetime = Un carrello non può riservare un alloggio per più di quattro ore. Faccia una nuova ricerca.
stay-gone = Qualcun altro ha appena prenotato questa camera. Non è stato addebitato nulla.
stay-gone-held = Questa camera è riservata a un altro acquirente fino alle { $time }. Non è stato addebitato nulla.
stay-price-changed = Il prezzo è cambiato dopo la Sua ricerca: da { $old } a { $new }. Non è stato addebitato nulla. Se lo accetta, può continuare.
stay-below-minimum = Il pagamento con carta parte da { $minimum }.
stay-other-search = Fai un'altra ricerca
stay-proceed = Vai al pagamento
stay-deposit-short = Acconto
stay-pay-all = Paga l'intero importo: { $amount }
stay-confirm = Conferma
stay-legal-free = Confermando conclude la prenotazione. L'alloggio in date determinate non dà diritto di recesso.
stay-legal = Pagando conclude la prenotazione. L'alloggio in date determinate non dà diritto di recesso.
# Prenotazione senza pagamento
stay-booked-title = La Sua prenotazione è definitiva
stay-booked-text = Grazie { $name }, La aspettiamo.
stay-number = Numero di prenotazione
stay-calendar = Aggiungi al mio calendario
stay-print = Stampa
# Errori
stay-fault-arrival-missing = Inserisca la data di arrivo
stay-fault-departure-missing = Inserisca la data di partenza
stay-fault-invalid-dates = La partenza deve seguire l'arrivo
stay-fault-past-date = La data di arrivo è passata
stay-fault-stay-too-long = Un soggiorno dura al massimo 366 notti
stay-fault-guests = Inserisca un numero da 0 a 20
stay-fault-nobody = Indichi da 1 a 99 persone
stay-fault-first-name-missing = Inserisca il nome
stay-fault-last-name-missing = Inserisca il cognome
stay-fault-email-format = Inserisca un indirizzo e-mail, ad esempio nome@esempio.it
stay-fault-phone-format = Inserisca un numero di telefono, ad esempio +39 312 345 6789
stay-fault-card-number = Non inserisca un numero di carta in questo campo
stay-fault-too-long = Questo testo è troppo lungo
stay-fault-invalid-field = Scriva su una sola riga
