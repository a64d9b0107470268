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
booking-card-mail-subject = Une carte pour votre séjour { $number }
booking-card-mail =
    Bonjour { $name },

    { $merchant } vous demande une carte bancaire pour garantir votre séjour { $number }, du { $arrival } au { $departure }.
    Suivez ce lien pour l'indiquer sur une page sécurisée. Rien n'est débité maintenant. Le lien est valable { $days } jours.
    Ne donnez jamais votre carte par e-mail, par SMS ou au téléphone.

    À bientôt,
    { $merchant }
booking-card-mail-test = TEST : ce message est un essai.
booking-card-sms = { $merchant } : pour garantir votre séjour { $number } du { $arrival }, indiquez votre carte par ce lien ({ $days } jours). Rien n'est débité maintenant.
booking-card-guest-title = Une carte pour votre séjour
booking-card-guest-number = Réservation
booking-card-guest-why = { $merchant } vous demande une carte bancaire pour garantir ce séjour.
booking-card-guest-promise = Vous l'indiquez sur la page sécurisée du coffre. Rien n'est débité maintenant, le code de sécurité n'est pas demandé, et la carte est effacée après votre départ.
booking-card-guest-button = Indiquer ma carte
booking-card-guest-given = Votre carte est enregistrée
booking-card-guest-kept = Merci. { $merchant } garde pour ce séjour la carte •••• { $last4 }.
booking-card-guest-over = Ce lien n'est plus valable
booking-card-guest-over-cure = Écrivez ou téléphonez à { $merchant } pour en recevoir un autre.
