# Link do uwierzytelnienia.
authentication-mail-subject = { $amount } do potwierdzenia w banku
authentication-mail =
    Dzień dobry,

    { $merchant } prosi o potwierdzenie { $amount } na karcie { $card } ({ $about }). Bank sprawdza tożsamość, a potem karta zostanie obciążona.
    Proszę otworzyć ten link przed { $until }. Numer ani kod zabezpieczający karty nie są wymagane, chyba że zostanie wybrana inna karta.

    Z poważaniem,
    { $merchant }
authentication-mail-test = TEST: ta wiadomość jest próbą.
authentication-sms = { $merchant }: proszę potwierdzić { $amount } w swoim banku przed { $until }.
authentication-title = Potwierdzenie { $amount } w banku
authentication-lede = { $merchant } prosi o { $amount } z karty { $card }. Bank sprawdza tożsamość. Nic jeszcze nie zostało pobrane.
authentication-until = Ten link jest ważny do { $until }.
authentication-agree = Przechodząc dalej, wyrażają Państwo zgodę, aby { $merchant } pobrał { $amount } z karty { $card }.
authentication-agree-kept = Przechodząc dalej, wyrażają Państwo zgodę, aby { $merchant } pobrał { $amount } z karty { $card } i zachował ją na inne koszty tej samej rezerwacji, które mogą zostać pobrane bez Państwa udziału.
authentication-promise = Numer ani kod zabezpieczający karty nie są tu wymagane.
authentication-other = Użyj innej karty
authentication-card-gone = Tej karty nie można już użyć. Nic nie zostało pobrane. Proszę podać inną kartę, jeśli jest taka możliwość, lub skontaktować się z obiektem: { $merchant }.
authentication-refused = Bank nie przyjął karty. Nic nie zostało pobrane. Proszę podać inną kartę, jeśli jest taka możliwość, lub skontaktować się ze swoim bankiem.
