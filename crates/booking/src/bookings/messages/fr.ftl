# Courriels
booking-mail-subject = Votre réservation { $number }
booking-mail-deposit =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme.
    Arrivée : { $arrival }
    Départ : { $departure }
    Total du séjour : { $total }
    Acompte payé : { $paid }
    Reste à payer : { $rest }

    À bientôt,
    { $merchant }
booking-mail-paid =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme et entièrement payée.
    Arrivée : { $arrival }
    Départ : { $departure }
    Total du séjour : { $total }

    À bientôt,
    { $merchant }
booking-mail-gone-subject = { $merchant } : votre paiement est annulé
booking-mail-gone = La place n’était plus libre. Votre paiement de { $amount } est annulé ; votre banque l’efface sous quelques jours.
