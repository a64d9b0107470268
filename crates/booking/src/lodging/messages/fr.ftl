lodging-menu = Catalogue
lodging-title = Catalogue
lodging-empty = Vos hébergements apparaîtront ici.
lodging-units = { $n ->
    [one] { $n } unité
   *[other] { $n } unités
}
lodging-from = À partir de { $amount } par nuit
lodging-no-price = Aucun tarif à venir
lodging-policy = Règle de prix
lodging-policy-open-pro = Durée exacte, sinon somme des nuits, sinon autre découpage
lodging-policy-cheapest = Toujours le découpage le moins cher
lodging-save = Enregistrer la règle
