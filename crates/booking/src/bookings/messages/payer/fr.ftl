booking-mail-test = TEST : cette réservation est un essai, aucun argent n'a bougé.
booking-mail-subject = Votre réservation { $number } est confirmée
booking-mail-deposit =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme.
    Arrivée : { $arrival }
    Départ : { $departure }
    Total du séjour : { $total }
    Acompte payé : { $paid }
    Reste à payer : { $rest }

    À bientôt,
    { $merchant }
booking-mail-paid =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme et entièrement payée.
    Arrivée : { $arrival }
    Départ : { $departure }
    Total du séjour : { $total }

    À bientôt,
    { $merchant }
booking-mail-free =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme. Il n'y a rien à payer.
    Arrivée : { $arrival }
    Départ : { $departure }

    À bientôt,
    { $merchant }
booking-starts = Arrivée
booking-ends = Départ
booking-subject-title = Séjour du { $arrival } au { $departure }
booking-subject-hours = { $date }, dès { $time }
booking-subject-before = { $date }, avant { $time }
booking-subject-lodging = Hébergement
booking-subject-guests = Voyageurs
booking-subject-total = Total du séjour
booking-subject-rest = Solde à payer plus tard
booking-subject-next-rest = Le solde de { $amount } sera encaissé par { $merchant } plus tard, sur la carte laissée pour ce séjour ou sur place.
booking-subject-next-arrival = Nous vous attendons le { $arrival }.
