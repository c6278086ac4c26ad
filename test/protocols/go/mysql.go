package main

import (
	"context"
	"database/sql"
	"errors"

	_ "github.com/go-sql-driver/mysql"
)

type mysql struct {
	*sql.Conn
	pool *sql.DB
}

func connectMysql(ctx context.Context, port, way string) (client, error) {
	address := "weir:SECRET-pass@tcp(127.0.0.1:" + port + ")/shop?multiStatements=true"
	if way == "compress" {
		address += "&compress=true"
	}
	pool, err := sql.Open("mysql", address)
	if err != nil {
		return nil, err
	}
	connection, err := pool.Conn(ctx)
	return mysql{connection, pool}, err
}

func (client mysql) close(context.Context) error { return client.pool.Close() }

func (client mysql) ask(ctx context.Context) error {
	_, err := client.ExecContext(ctx, "SHOW VARIABLES LIKE 'version'")
	return err
}

func (client mysql) play(ctx context.Context, rounds int) error {
	found, err := client.PrepareContext(ctx, "SELECT * FROM orders WHERE id < ? LIMIT 50")
	if err != nil {
		return err
	}
	for i := range rounds {
		// Prepared, executed and closed.
		if _, err := client.ExecContext(ctx, "UPDATE orders SET name = ? WHERE id = ?", "SECRET", i); err != nil {
			return err
		}
		rows, err := found.QueryContext(ctx, i)
		if err != nil {
			return err
		}
		if err := rows.Close(); err != nil {
			return err
		}
		if _, err := client.ExecContext(ctx, "INSERT INTO orders(name) VALUES ('SECRET')"); err != nil {
			return err
		}
		if _, err := client.ExecContext(ctx, "SELECT nothing FROM loaded"); err == nil {
			return errors.New("there is no such column")
		}
	}
	change, err := client.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := change.ExecContext(ctx, "SELECT 1; SELECT 2"); err != nil {
		return err
	}
	return change.Rollback()
}
