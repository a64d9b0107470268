session-title = Connexion
session-email = Adresse e-mail
session-password = Mot de passe
session-code = Code à usage unique
session-code-hint = Les 6 chiffres affichés par votre application d'authentification
session-enter = Se connecter
session-email-missing = Saisissez votre adresse e-mail
session-password-missing = Saisissez votre mot de passe
session-code-missing = Saisissez le code à 6 chiffres
session-wrong = L'adresse, le mot de passe ou le code est incorrect
session-code-used = Ce code a déjà servi : attendez que votre application affiche le suivant
session-paused = { $n ->
    [one] Trop d'essais : recommencez dans { $n } minute
   *[other] Trop d'essais : recommencez dans { $n } minutes
}
session-over = Votre session est terminée : connectez-vous de nouveau.
session-left = Vous êtes déconnecté.
session-ready = Votre accès est prêt : connectez-vous.
