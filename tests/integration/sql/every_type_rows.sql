-- Odd values of every type: what separates, quotes and escapes in COPY's text form; ends of ranges; nothing at all.
INSERT INTO every_type (boo, int2, int4, flo4, flo8, num, dec, mon) VALUES
    (true, -32768, 2147483647, 'NaN', 'Infinity', 'NaN', 1234567890.0001, -12.34),
    (false, 32767, -2147483648, '-0', '-Infinity', 'Infinity', -0.0001, 0),
    (NULL, 0, 0, 1e-45, 5e-324, '-Infinity', 0, 0.01),
    (NULL, 0, 0, 3.4028235e38, 1.7976931348623157e308, 1e1000, 1, 92233720368547758.07),
    (NULL, 0, 0, 0.1, 0.1, 1e-1000, 1.5, NULL);
INSERT INTO every_type (txt, vch, cha, "Quoted ""Name""", onechar, byt) VALUES
    (E'tab\there\nnew line\r\\backslash \\N "quotes" ''single'' \u20ac \U0001F600', '', 'ab', 'na me', 'x',
     '\x00ff5c0a09'),
    ('\N', '\.', '', '', '', ''),
    ('\.', ' lead and trail ', '      ', NULL, '\', NULL),
    (E'\b\f\v\x01', E'\n', NULL, NULL, E'\x7f', '\x5c2e0a'),
    (repeat('x', 100000), NULL, NULL, repeat('n', 63), NULL, decode(repeat('00ff', 50000), 'hex')),
    ('', NULL, 'NULL', 'NULL', NULL, convert_to('NULL', 'UTF8'));
INSERT INTO every_type (dat, tim, timz, ts, tsz, inter) VALUES
    ('4713-01-01 BC', '24:00', '23:59:59.999999+15:59', '0044-03-15 12:00:00.123 BC',
     '2024-06-01 12:00:00.123456+02', '-1 year 2 mons -3 days 04:05:06.789'),
    ('infinity', '00:00', '00:00-15:59', '-infinity', 'infinity', '178000000 years'),
    ('-infinity', NULL, NULL, 'infinity', '-infinity', '00:00:00.000001'),
    ('5874897-12-31', NULL, NULL, '294276-12-31 23:59:59.999', '4713-01-01 00:00:00+00 BC', '-178000000 years');
INSERT INTO every_type (uid, js, jsb, jpath) VALUES
    ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b": 1,  "a": [null, "\u00e9"], "b": 2}',
     '{"b": 1.0, "a": {"x": "\\ \" \n \t"}, "aa": 1e400}', '$.a[*] ? (@ > 1)'),
    (NULL, 'null', 'null', NULL),
    (NULL, '""', '""', NULL),
    (NULL, E'[\n\t1 ]', '[]', NULL);
INSERT INTO every_type (ine, cid, mac, mac8, bit5, varb, pnt, bx, pol, cir, lin) VALUES
    ('::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', B'10101', B'1', '(1.5,-0)',
     '((0,0),(1e-300,1))', '((0,0),(1,1),(2,0))', '<(0,0),1>', '{1,2,3}'),
    ('0.0.0.0/0', '::/0', NULL, NULL, NULL, B'', '(NaN,Infinity)', NULL, NULL, NULL, NULL);
INSERT INTO every_type (tsv, tsq) VALUES ('a:1A fat:2 ''it''''s''', 'fat & !rat:*'), ('', '');
INSERT INTO every_type (ints, txts, nums, moo, moos, mdom, pla, plas) VALUES
    ('{1,NULL,-3}', ARRAY['', NULL, 'NULL', 'a,b', E'"\\{}\n\t'], '[0:1][1:2]={{1,NaN},{NULL,1.50}}',
     'it''s "fine"', '{sad,NULL,"so so"}', 'so so', ROW(E'a, "b"\t\\', NULL, '{x,NULL}'),
     ARRAY[ROW(NULL, 1, '{}')::place, NULL]),
    ('{}', '{"\\N","\\."}', '{}', NULL, '{}', NULL, ROW(NULL, NULL, NULL), '{}'),
    ('{{1},{2}}', NULL, NULL, 'sad', NULL, 'sad', ROW('', 0, NULL), NULL);
INSERT INTO every_type (pos, irange, trange, mrange, spa, lsn, cls, oi) VALUES
    (0.00000000000000000001, 'empty', '[2024-01-01,infinity]', '{[1,3),[5,7)}', '[-Infinity,1.5)', '16/B374D848',
     'pg_class', 4294967295),
    (NULL, '(,)', 'empty', '{}', '(,)', '0/0', 'every_type', 0);
INSERT INTO every_type DEFAULT VALUES;
INSERT INTO every_type DEFAULT VALUES;
