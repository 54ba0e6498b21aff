-- The platform's mail server is the mail catcher, unless somebody has set another one.
INSERT INTO public."Configuration" (id, code, data)
VALUES ('compose-mail', 'MAIL_SMTP', '{"host": "mail", "port": 1025, "security": "none", "from": "no-reply@nx.example", "brand": "NX"}')
ON CONFLICT DO NOTHING;
