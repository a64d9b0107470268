today-menu = Aujourd'hui
today-title = Aujourd'hui
today-arrivals = { $n ->
    [one] arrivée
   *[other] arrivées
}
today-departures = { $n ->
    [one] départ
   *[other] départs
}
today-payments = { $n ->
    [one] paiement à regarder
   *[other] paiements à regarder
}
today-arrivals-title = Arrivées du jour
today-departures-title = Départs du jour
today-recent-title = Dernières réservations
today-payments-title = Paiements à regarder
today-no-arrivals = Personne n'arrive aujourd'hui.
today-no-departures = Personne ne part aujourd'hui.
today-no-recent = Les réservations de votre page apparaîtront ici.
today-no-payments = Rien à regarder : tous les paiements sont en ordre.
today-lodging = Hébergement
today-dates = Dates
today-due = Reste { $amount }
today-unpaid = { $n ->
    [one] à encaisser aujourd'hui
   *[other] à encaisser aujourd'hui
}
today-tasks-all = Toutes les tâches
today-bank = Liaison avec la banque
today-bank-fine = Toutes les réponses sont arrivées
today-bank-owes = { $n ->
    [one] { $n } réponse attendue
   *[other] { $n } réponses attendues
}
