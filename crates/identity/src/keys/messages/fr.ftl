key-list = Clés des programmes
key-none = Aucune clé : un programme qui vend ou encaisse pour vous en demandera une.
key-name = Nom
key-name-hint = Par exemple : logiciel de l'hôtel
key-shop = Boutique
key-rights = Droits
key-rights-hint = Une clé n'a jamais un droit que vous n'avez pas
key-rights-all = Tous mes droits
key-rights-of = Comme le rôle { $role }
key-rights-count = { $n ->
    [one] { $n } droit
   *[other] { $n } droits
}
key-networks = Adresses autorisées
key-networks-hint = Une adresse ou un réseau par ligne, par exemple 192.0.2.10 ou 192.0.2.0/24
key-used = Dernier appel
key-never-used = Jamais
key-state = État
key-open = Ouverte
key-open-until = Ouverte jusqu'au { $at }
key-ended = Fermée le { $at }
key-new = Nouvelle clé
key-create = Créer la clé
key-rotate = Renouveler
key-revoke = Révoquer
key-back = Toutes les clés
key-issued-title = Votre nouvelle clé
key-issued = Copiez cette clé maintenant : elle n'est montrée qu'une fois et n'est gardée nulle part en clair.
key-revoke-title = Révoquer la clé { $name }
key-revoke-what = Les programmes qui s'en servent seront refusés dès leur prochain appel.
key-name-wrong = Donnez un nom à la clé
key-networks-wrong = Saisissez une adresse ou un réseau par ligne, 32 au plus, par exemple 192.0.2.10
key-rights-wrong = Choisissez des droits que vous avez vous-même
key-shop-wrong = Choisissez une boutique de la liste
key-reference = Référence de l'API : appels, exemples, essais
