means-title = Moyens de paiement
means-lede = Ce que sait faire chaque moyen de paiement, tel que son connecteur le déclare.
means-what = Capacité
means-flows = Parcours
means-flow-redirect = page du prestataire
means-flow-fields = champs du prestataire
means-flow-card = carte de notre coffre
means-flow-app = application du payeur
means-flow-moto = téléphone et courrier
means-currencies = Devises
means-currencies-all = toutes
means-minimum = Montant minimal
means-zero = Montant nul
means-zero-confirmed = confirmé sans le prestataire
means-zero-refused = refusé
means-zero-sent = envoyé
means-capture = Encaissement différé
means-capture-now = non, seulement tout de suite
means-capture-whole = en entier, une fois
means-capture-part = en partie, une fois
means-several = en plusieurs fois
means-capture-days = Encaissement au plus tard
means-days = { $n ->
    [one] { $n } jour
   *[other] { $n } jours
}
means-void = Annulation
means-void-rest = ce qui n'est pas encaissé
means-refund = Remboursement
means-refund-elsewhere = non : un remboursement fait ailleurs se note
means-tokens = Cartes gardées
means-tokens-ours = dans notre coffre
means-tokens-page = sur la page du prestataire
means-tokens-api = chez le prestataire
means-instalments = Paiement en plusieurs fois
means-instalments-ours = par notre échéancier
means-instalments-native = { $n ->
    [one] par le prestataire, { $n } fois
   *[other] par le prestataire, jusqu'à { $n } fois
}
means-query = Interrogation du résultat
means-query-ours = par notre référence
means-query-theirs = par son numéro
means-none = non
means-check = Vérification de carte
means-check-zero = montant zéro, rien sur le relevé
means-check-small = petit montant autorisé puis annulé
means-change = Essayer un compte plus limité pour { $shop }
means-back = Moyens de paiement
means-account-title = Compte simulé de { $shop }
means-account-lede = Un prestataire réel ne sait pas toujours tout faire. Choisissez ici ce que le compte d'essai sait faire : la caisse, la page du payeur et l'API s'y tiennent aussitôt.
means-minimum-units = Montant minimal (unités entières)
means-minimum-hint = Au-dessous, la carte n'est pas proposée. Par exemple 20 pour 20,00 €.
means-minimum-fault = Saisissez un nombre entier de 1 à 10000.
means-choose = Choisissez une réponse.
means-save = Enregistrer
audit-account-changed = Capacités du compte simulé changées
