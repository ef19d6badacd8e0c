-- The lake's catalog, beside the operational store that POSTGRES_DB makes.
CREATE DATABASE jingwei_lake OWNER jingwei;
