# Le lien d'authentification. Les espaces insécables sont dans le texte.
authentication-mail-subject = { $amount } à confirmer auprès de votre banque
authentication-mail =
    Bonjour,

    { $merchant } vous demande de confirmer { $amount } sur votre carte { $card } ({ $about }). Votre banque vérifie que c'est bien vous, puis la carte est débitée.
    Ouvrez ce lien avant le { $until }. Ni le numéro ni le code de sécurité de votre carte ne sont demandés, sauf si vous choisissez une autre carte.

    Cordialement,
    { $merchant }
authentication-mail-test = TEST : ce message est un essai.
authentication-sms = { $merchant } : confirmez { $amount } auprès de votre banque avant le { $until }.
authentication-title = Confirmez { $amount } auprès de votre banque
authentication-lede = { $merchant } demande { $amount } sur votre carte { $card }. Votre banque vérifie que c'est bien vous. Rien n'a encore été débité.
authentication-until = Ce lien vaut jusqu'au { $until }.
authentication-agree = En continuant, vous acceptez que { $merchant } débite { $amount } sur votre carte { $card }.
authentication-agree-kept = En continuant, vous acceptez que { $merchant } débite { $amount } sur votre carte { $card } et la garde pour d'autres frais de la même réservation, qu'il pourra débiter sans vous.
authentication-promise = Ni le numéro ni le code de sécurité de votre carte ne sont demandés ici.
authentication-other = Utiliser une autre carte
authentication-card-gone = Cette carte ne peut plus être utilisée. Rien n'a été débité. Indiquez une autre carte si ce choix est proposé, ou contactez { $merchant }.
authentication-refused = Votre banque n'a pas accepté la carte. Rien n'a été débité. Indiquez une autre carte si ce choix est proposé, ou contactez votre banque.
